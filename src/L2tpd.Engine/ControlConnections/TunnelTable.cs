using L2tpd.Engine.Addressing;
using L2tpd.Protocol;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Finds tunnels by our id, by key, and by the peer's end. Behind one NAT address many peers may have chosen the same tunnel id, so the
/// peer's end is address, port and id (l2tpv2.md section 7.2).
/// </summary>
internal sealed partial class TunnelTable(EngineContext context)
{
    private readonly Dictionary<TunnelId, Tunnel> _alive = [];
    private readonly Dictionary<TunnelId, Tunnel> _ending = [];
    private readonly Dictionary<PeerEnd, Tunnel> _byPeerEnd = [];
    private readonly Dictionary<string, int> _aliveByProfile = [];
    private readonly Dictionary<TunnelId, Tunnel> _offered = [];
    private IdSequence _wideIds;
    private bool _hasWideIds;
    private IdSequence _ids = new IdSequence(ProtocolVersion.V2, context.Random);

    /// <summary>Tunnels whose state machine runs.</summary>
    public IReadOnlyCollection<Tunnel> Alive => _alive.Values;

    /// <summary>Our own SCCRQs that are unanswered.</summary>
    public OutstandingRequests Outstanding { get; } = new();

    public HalfOpenTunnels HalfOpen { get; } = new();

    /// <summary>Finds the former tunnel of a peer that has a new one under another id.</summary>
    public SamePeerTunnels SamePeer { get; } = new();

    /// <summary>Challenges and nonces that peers have not answered.</summary>
    public OutstandingChallenges Challenges { get; } = new(context.Challenges);

    /// <summary>Tunnels that count against the limit: all that run except half-open ones.</summary>
    public int Counted => _alive.Count - HalfOpen.Count;

    /// <summary>Tunnels that still wait for an acknowledgement of StopCCN.</summary>
    public int Closing { get; private set; }

    /// <summary>
    /// Draws an id that no tunnel has, not even a lingering one; 0 if none is free. For tunnels that we dial:
    /// <see cref="Admission.RequestIds"/> draws those for peers at random, so that nobody sees or influences the order of these.
    /// </summary>
    public TunnelId DrawId()
    {
        if (_ids.HasWrapped)
            _ids = new IdSequence(ProtocolVersion.V2, context.Random);
        return !IsIdSpaceFull && _ids.TryNext(this, static (table, id) => table.IsIdInUse(new TunnelId(id)), out var id)
            ? new TunnelId(id)
            : TunnelId.None;
    }

    /// <summary>Whether no tunnel id of v2 is free.</summary>
    public bool IsIdSpaceFull => _alive.Count + _ending.Count >= ushort.MaxValue;

    /// <summary>
    /// An id of the width of the version. Ids of L2TPv3 are above those of v2: one number never means two tunnels, here or in the kernel.
    /// </summary>
    public TunnelId DrawId(ProtocolVersion version) => version == ProtocolVersion.V2 ? DrawId() : DrawWideId();

    public bool TryGet(TunnelId localId, out Tunnel tunnel) =>
        _alive.TryGetValue(localId, out tunnel!) || _ending.TryGetValue(localId, out tunnel!) || _offered.TryGetValue(localId, out tunnel!);

    /// <summary>The running tunnel of that key; <c>null</c> if there is none.</summary>
    public Tunnel? Find(TunnelKey key) =>
        _alive.TryGetValue(key.LocalId, out var tunnel) && tunnel.Key == key ? tunnel : null;

    /// <summary>The tunnel with that address and peer id, lingering ones included; <c>null</c> if there is none.</summary>
    public Tunnel? FindByPeerEnd(Endpoint remote, TunnelId peerId) => _byPeerEnd.GetValueOrDefault(new PeerEnd(remote, peerId));

    /// <summary>Tunnels of a profile that count against its limit.</summary>
    public int CountedOf(string profile) => AliveOf(profile) - HalfOpen.OfProfile(profile);

    /// <summary>Adds a tunnel. Its set-up has a deadline, so it must be settled.</summary>
    public void Add(Tunnel tunnel)
    {
        context.Unsettled.Add(tunnel);
        _alive.Add(tunnel.Key.LocalId, tunnel);
        if (!tunnel.WideId.IsNone)
            _offered.Add(tunnel.WideId, tunnel);
        _aliveByProfile[tunnel.Profile.Name] = AliveOf(tunnel.Profile.Name) + 1;
    }

    /// <summary>Must be called when the peer's end becomes known.</summary>
    public void Index(Tunnel tunnel) => _byPeerEnd[new PeerEnd(tunnel.Path.Remote, tunnel.PeerId)] = tunnel;

    /// <summary>Takes the tunnel out of those that run, into the given phase.</summary>
    public void Retire(Tunnel tunnel, TunnelPhase phase)
    {
        Challenges.Remove(tunnel);
        SamePeer.Remove(tunnel);
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
        // A peer that started again and failed: its next attempt must find the earlier tunnel, to replace it.
        if (tunnel.Replaces?.Living is { } former)
            Index(former);
    }

    private int AliveOf(string profile) => _aliveByProfile.GetValueOrDefault(profile);

    private TunnelId DrawWideId()
    {
        if (!_hasWideIds)
            _wideIds = new IdSequence(ProtocolVersion.V3, context.Random);
        _hasWideIds = true;
        return _wideIds.TryNext(this, static (table, id) => table.IsWideIdInUse(new TunnelId(id)), out var id)
            ? new TunnelId(id)
            : TunnelId.None;
    }

    private bool IsIdInUse(TunnelId id) => _alive.ContainsKey(id) || _ending.ContainsKey(id);

    private bool IsWideIdInUse(TunnelId id) => id.Value <= ushort.MaxValue || IsIdInUse(id) || _offered.ContainsKey(id);

    private readonly record struct PeerEnd(Endpoint Remote, TunnelId TunnelId);
}
