using L2tpd.Engine.Addressing;
using L2tpd.Protocol;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Finds tunnels: by our id, by key, and by what the peer called its own end. Behind one NAT address many peers may have
/// chosen the same tunnel id, so the last goes by address, port and id (l2tpv2.md section 7.2).
/// </summary>
internal sealed partial class TunnelTable(EngineContext context)
{
    private readonly Dictionary<uint, Tunnel> _alive = [];
    private readonly Dictionary<uint, Tunnel> _ending = [];
    private readonly Dictionary<PeerEnd, Tunnel> _byPeerEnd = [];
    private readonly Dictionary<string, int> _aliveByProfile = [];
    private readonly Dictionary<uint, Tunnel> _offered = [];
    private IdSequence _wideIds;
    private bool _hasWideIds;
    private IdSequence _ids = new IdSequence(ProtocolVersion.V2, context.Random);

    /// <summary>Tunnels whose state machine runs.</summary>
    public IReadOnlyCollection<Tunnel> Alive => _alive.Values;

    /// <summary>Our own SCCRQs that are unanswered.</summary>
    public OutstandingRequests Outstanding { get; } = new();

    public HalfOpenTunnels HalfOpen { get; } = new();

    /// <summary>What we asked peers to answer and they have not.</summary>
    public OutstandingChallenges Challenges { get; } = new(context.Challenges);

    /// <summary>Tunnels that count against the limit: all that run but the half-open.</summary>
    public int Counted => _alive.Count - HalfOpen.Count;

    /// <summary>Tunnels that still wait for an acknowledgement of StopCCN.</summary>
    public int Closing { get; private set; }

    /// <summary>
    /// Takes an id no tunnel has, lingering ones included; 0 when the space is full. For tunnels that we dial: what strangers ask for gets ids that
    /// are drawn at random (<see cref="IsIdSpaceFull"/>), so that nobody sees, or moves on, the order of these.
    /// </summary>
    public uint DrawId()
    {
        if (_ids.HasWrapped)
            _ids = new IdSequence(ProtocolVersion.V2, context.Random);
        return !IsIdSpaceFull && _ids.TryNext(this, static (table, id) => table.IsIdInUse(id), out var id) ? id : 0;
    }

    /// <summary>No tunnel id of v2 is free.</summary>
    public bool IsIdSpaceFull => _alive.Count + _ending.Count >= ushort.MaxValue;

    /// <summary>
    /// An id of the version's width. L2TPv3's are above all of v2's: one number never means two tunnels, here or in the kernel.
    /// </summary>
    public uint DrawId(ProtocolVersion version) => version == ProtocolVersion.V2 ? DrawId() : DrawWideId();

    public bool TryGet(uint localId, out Tunnel tunnel) =>
        _alive.TryGetValue(localId, out tunnel!) || _ending.TryGetValue(localId, out tunnel!) || _offered.TryGetValue(localId, out tunnel!);

    /// <summary>The running tunnel of that key, or null.</summary>
    public Tunnel? Find(TunnelKey key) =>
        _alive.TryGetValue(key.LocalId, out var tunnel) && tunnel.Key == key ? tunnel : null;

    /// <summary>The tunnel whose other end is that of <paramref name="remote"/>, lingering ones included, or null.</summary>
    public Tunnel? FindByPeerEnd(Endpoint remote, uint peerId) => _byPeerEnd.GetValueOrDefault(new PeerEnd(remote, peerId));

    /// <summary>Those of them that are of a profile.</summary>
    public int CountedOf(string profile) => AliveOf(profile) - HalfOpen.OfProfile(profile);

    /// <summary>A new tunnel, whose set-up has a deadline.</summary>
    public void Add(Tunnel tunnel)
    {
        context.Unsettled.Add(tunnel);
        _alive.Add(tunnel.Key.LocalId, tunnel);
        if (tunnel.WideId != 0)
            _offered.Add(tunnel.WideId, tunnel);
        _aliveByProfile[tunnel.Profile.Name] = AliveOf(tunnel.Profile.Name) + 1;
    }

    /// <summary>Called whenever the peer's end becomes known.</summary>
    public void Index(Tunnel tunnel) => _byPeerEnd[new PeerEnd(tunnel.Path.Remote, tunnel.PeerId)] = tunnel;

    /// <summary>Out of the running tunnels, in the given phase.</summary>
    public void Retire(Tunnel tunnel, TunnelPhase phase)
    {
        Challenges.Remove(tunnel);
        if (tunnel.Phase is TunnelPhase.Alive && _alive.Remove(tunnel.Key.LocalId))
        {
            _aliveByProfile[tunnel.Profile.Name] = AliveOf(tunnel.Profile.Name) - 1;
            _ending.Add(tunnel.Key.LocalId, tunnel);
        }

        Closing += (phase is TunnelPhase.Closing ? 1 : 0) - (tunnel.Phase is TunnelPhase.Closing ? 1 : 0);
        tunnel.Phase = phase;
        if (phase is TunnelPhase.Forgotten)
            Forget(tunnel);
    }

    private void Forget(Tunnel tunnel)
    {
        _ending.Remove(tunnel.Key.LocalId);
        _offered.Remove(tunnel.WideId);
        Outstanding.Remove(tunnel);
        var end = new PeerEnd(tunnel.Path.Remote, tunnel.PeerId);
        if (!_byPeerEnd.TryGetValue(end, out var holder) || holder != tunnel)
            return;
        _byPeerEnd.Remove(end);
        // A peer that came back and failed leaves its earlier tunnel to be found, and replaced, by its next attempt.
        if (tunnel.Replaces?.Living is { } former)
            Index(former);
    }

    private int AliveOf(string profile) => _aliveByProfile.GetValueOrDefault(profile);

    private uint DrawWideId()
    {
        if (!_hasWideIds)
            _wideIds = new IdSequence(ProtocolVersion.V3, context.Random);
        _hasWideIds = true;
        return _wideIds.TryNext(this, static (table, id) => id <= ushort.MaxValue || table.IsIdInUse(id) || table._offered.ContainsKey(id), out var id) ? id : 0;
    }

    private bool IsIdInUse(uint id) => _alive.ContainsKey(id) || _ending.ContainsKey(id);

    private readonly record struct PeerEnd(Endpoint Remote, uint TunnelId);
}
