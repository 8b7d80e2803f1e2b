using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Ipsec;

/// <summary>
/// Ties tunnels to the security associations below them (RFC 3193 section 3.1). A dialled tunnel gets its socket when its SA is there. When
/// a tunnel has ended, its SA is ended, unless another tunnel uses it. When an SA has ended and no other has come in
/// <see cref="Grace"/>, its tunnels are ended. Rekeying is neither.
/// <para>Loop thread only. States of a dialled attempt (<see cref="Attempt"/>): waiting until strongSwan is reached, at most
/// <see cref="ReachLimit"/>; waiting for the SA; open; ended. The connection in strongSwan is loaded while an attempt or tunnel of its name
/// and address is there.</para>
/// <para>Known races: the tunnel ends while IKE is under way (the initiation is given up); the SA ends before the tunnel is established
/// (the tunnel's own retransmissions end it); a peer comes back with a new SA while the old tunnel is being closed (the old SA alone is
/// ended, known by <see cref="SecurityAssociation.Origin"/>); with IKEv1 and a peer that did not delete its old SA, strongSwan takes the
/// new one for the old one's rekeying (what was replaced is ended with the old tunnel, the new SA is not); a tunnel
/// is established before strongSwan reports its SA (<see cref="HandleStarted"/>).</para>
/// </summary>
/// <param name="daemon">strongSwan.</param>
/// <param name="open">Opens the socket of a tunnel.</param>
/// <param name="sink">Takes failures.</param>
/// <param name="timers">Timers of the loop.</param>
public sealed class ProtectedTunnels(
    IIkeDaemon daemon, Action<TunnelKey, TransportRequest> open, IInputSink sink, LoopTimers timers) : IEventObserver
{
    /// <summary>How long a dialled tunnel waits until strongSwan is reached.</summary>
    public static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long strongSwan may take for one initiation.</summary>
    public static readonly TimeSpan InitiationLimit = TimeSpan.FromSeconds(20);

    /// <summary>How long a tunnel outlives its SA, and an SA its tunnel: the time for a new SA, and for the last messages.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private const string SaEnded = "the IPsec security association of the tunnel was deleted";

    private readonly Dictionary<TunnelKey, Attempt> _dialled = [];
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<TunnelKey, Established> _established = [];
    private readonly Dictionary<IPAddress, List<TunnelKey>> _byPeer = [];
    private string? _whyLost;

    /// <summary>Opens the socket of a tunnel, after its SA if strongSwan has to make one.</summary>
    public void Open(TunnelKey tunnel, TransportRequest request)
    {
        if (ConnectionSettings.Of(request) is not { } connection)
        {
            open(tunnel, request);
            return;
        }

        var attempt = new Attempt(connection, request);
        _dialled[tunnel] = attempt;
        _users[connection.Name] = _users.GetValueOrDefault(connection.Name) + 1;
        if (daemon.IsReached)
            Begin(tunnel, attempt);
        else
            attempt.Wait = timers.After(ReachLimit, () => GiveUp(tunnel, attempt));
    }

    /// <summary>strongSwan is reached: tunnels that waited for it go on.</summary>
    public void HandleReached()
    {
        foreach (var (tunnel, attempt) in _dialled.Where(static one => one.Value.Wait is not null).ToArray())
        {
            attempt.Wait!.Cancel();
            attempt.Wait = null;
            Begin(tunnel, attempt);
        }
    }

    /// <summary>strongSwan cannot be reached.</summary>
    /// <param name="why">The reason, for the operator.</param>
    public void HandleLost(string why) => _whyLost = why;

    /// <summary>What of IPsec a dialled tunnel waits for, for the operator; <c>null</c> if it does not wait for that.</summary>
    public string? WaitOf(Tunnel tunnel)
    {
        if (!_dialled.TryGetValue(tunnel.Key, out var attempt) || attempt.IsOpen)
            return null;
        var peer = attempt.Request.Remote.ToIPAddress();
        return attempt.Wait is null ? $"IKE with {peer} is under way" : $"IPsec with {peer} waits for strongSwan{Because()}";
    }

    private string Because() => _whyLost is null ? "" : $": {_whyLost}";

    private void GiveUp(TunnelKey tunnel, Attempt attempt)
    {
        attempt.Wait = null;
        Fail(tunnel, attempt.Request, $"strongSwan was not reached in {(int)ReachLimit.TotalSeconds} s{Because()}");
    }

    private void Begin(TunnelKey tunnel, Attempt attempt)
    {
        var (connection, request) = (attempt.Connection, attempt.Request);
        // A peer that was started again does not know the SAs that are still here.
        if (daemon.Associations.At(request.Remote.ToIPAddress()).Any(sa => sa.Connection == connection.Name))
            daemon.Terminate(connection.Name);
        daemon.Connections.Load(connection, error =>
        {
            if (error is not null)
                Fail(tunnel, request, error);
            else if (_dialled.ContainsKey(tunnel))
                attempt.Initiation = daemon.Initiate(connection.Name, InitiationLimit, e => Continue(tunnel, request, e));
        });
    }

    /// <summary>The tunnel is forgotten: its SA is not needed any more.</summary>
    public void Close(TunnelKey tunnel)
    {
        Leave(tunnel);
        if (!_dialled.Remove(tunnel, out var attempt))
            return;
        attempt.Wait?.Cancel();
        attempt.Initiation?.Dispose();
        var name = attempt.Connection.Name;
        var users = _users[name] - 1;
        if (users > 0)
        {
            _users[name] = users;
            return;
        }

        _users.Remove(name);
        daemon.Connections.Unload(name);
        daemon.Terminate(name);
    }

    /// <summary>The SA that protects a tunnel; <c>null</c> if there is none, or strongSwan does not tell.</summary>
    public SecurityAssociation? Find(Tunnel tunnel)
    {
        var remote = tunnel.Path.Remote;
        return daemon.Associations.Find(remote.ToIPAddress(), remote.Port, remote.Mark);
    }

    /// <summary>The daemon ends: all tunnels are forgotten, and with them their SAs and connections.</summary>
    public void CloseAll()
    {
        foreach (var tunnel in _established.Keys.Concat(_dialled.Keys).ToArray())
            Close(tunnel);
    }

    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent)
    {
        if (engineEvent is TunnelEstablished { Tunnel: var established })
        {
            Enter(established);
        }
        else if (engineEvent is TunnelEnded { Tunnel.Key: var ended } && _established.TryGetValue(ended, out var tunnel))
        {
            var lastChild = AssociationOf(tunnel)?.ChildId;
            timers.After(Grace, () => Leave(ended, lastChild));
        }
    }

    /// <summary>
    /// An SA is there. strongSwan may report it after a tunnel has come up on it: that tunnel has none until then, or that of the peer's
    /// former tunnel.
    /// </summary>
    public void HandleStarted(SecurityAssociation association)
    {
        foreach (var key in TunnelsAt(association.Remote))
        {
            var tunnel = _established[key];
            var isRecent = timers.Now - tunnel.Since <= (long)Grace.TotalMilliseconds;
            if (isRecent && MayProtect(association, tunnel.Remote) && (tunnel.Origin is null || SharesAssociation(key, tunnel)))
                _established[key] = tunnel with { Origin = association.Origin };
        }
    }

    /// <summary>An SA has ended and was not replaced by rekeying.</summary>
    /// <param name="association">The SA.</param>
    /// <param name="isLost">strongSwan was started again without it.</param>
    public void HandleEnded(SecurityAssociation association, bool isLost)
    {
        foreach (var key in TunnelsAt(association.Remote))
        {
            var remote = _established[key].Remote;
            if (!MayProtect(association, remote))
                continue;
            if (!isLost)
                timers.After(Grace, () => EndWithoutAssociation(key));
            else if (_dialled.TryGetValue(key, out var attempt))
                Renew(key, attempt);
        }
    }

    /// <summary>An SA with a mark may protect any port, unless the mark of the tunnel's datagrams is known too.</summary>
    private static bool MayProtect(SecurityAssociation association, in Endpoint remote) => remote.Mark == 0
        ? association.MarkOut != 0 || association.Covers(association.Remote, remote.Port)
        : association.MarkOut == remote.Mark;

    private TunnelKey[] TunnelsAt(IPAddress address) => _byPeer.TryGetValue(address, out var keys) ? keys.ToArray() : [];

    private void Continue(TunnelKey tunnel, TransportRequest request, string? error)
    {
        if (error is not null)
        {
            Fail(tunnel, request, error);
        }
        else if (_dialled.TryGetValue(tunnel, out var attempt))
        {
            attempt.IsOpen = true;
            open(tunnel, request);
        }
    }

    private void Fail(TunnelKey tunnel, TransportRequest request, string error)
    {
        if (!_dialled.TryGetValue(tunnel, out var attempt))
            return;
        attempt.IsOpen = true;
        if (request.Ipsec.Policy == IpsecPolicy.Required)
            sink.Submit(new TransportFailed(tunnel, $"IPsec with {request.Remote.ToIPAddress()}: {error}"));
        else
            open(tunnel, request);
    }

    /// <summary>strongSwan was started again: the peer still has the old SA, and gets a new one without loss of the tunnel.</summary>
    private void Renew(TunnelKey key, Attempt attempt) =>
        attempt.Initiation = daemon.Initiate(attempt.Connection.Name, InitiationLimit, error =>
        {
            if (error is not null && _established.ContainsKey(key))
                Fail(key, attempt.Request, error);
        });

    private void EndWithoutAssociation(TunnelKey key)
    {
        if (!_established.TryGetValue(key, out var tunnel)
            || daemon.Associations.MayCover(tunnel.Address, tunnel.Remote.Port, tunnel.Remote.Mark))
        {
            return;
        }

        sink.Submit(new PeerCutOff(key, SaEnded));
    }

    private void Enter(Tunnel tunnel)
    {
        var remote = tunnel.Path.Remote;
        var established = new Established(remote, remote.ToIPAddress(), timers.Now, Find(tunnel)?.Origin);
        _established[tunnel.Key] = established;
        if (!_byPeer.TryGetValue(established.Address, out var keys))
            _byPeer[established.Address] = keys = [];
        keys.Add(tunnel.Key);
    }

    /// <summary>An established tunnel has ended; of an answered one the SA is ended too.</summary>
    /// <param name="key">The tunnel.</param>
    /// <param name="lastChild">The CHILD_SA of the tunnel when it ended; <c>null</c> for the one it has now.</param>
    private void Leave(TunnelKey key, uint? lastChild = null)
    {
        if (!_established.Remove(key, out var tunnel))
            return;
        var keys = _byPeer[tunnel.Address];
        keys.Remove(key);
        if (keys.Count == 0)
            _byPeer.Remove(tunnel.Address);
        // The SA of a dialled tunnel ends with its connection. One that the operator configured in strongSwan is the operator's.
        if (_dialled.ContainsKey(key) || AssociationOf(tunnel) is not { } association
            || !association.Connection.StartsWith(ConnectionLoader.Prefix, StringComparison.Ordinal))
        {
            return;
        }

        var isReplaced = lastChild is { } child && association.ChildId != child;
        if (isReplaced || SharesAssociation(key, tunnel))
            daemon.TerminateReplaced(association);
        else
            daemon.Terminate(association);
    }

    private bool SharesAssociation(TunnelKey key, Established tunnel) =>
        TunnelsAt(tunnel.Address).Any(other => other != key && _established[other].Origin == tunnel.Origin);

    /// <summary>The SA that a tunnel came up on, or the one that has replaced it; <c>null</c> if there is none (any more).</summary>
    private SecurityAssociation? AssociationOf(Established tunnel) =>
        tunnel.Origin is { } origin ? daemon.Associations.At(tunnel.Address).FirstOrDefault(sa => sa.Origin == origin) : null;

    private sealed class Attempt(IkeConnection connection, TransportRequest request)
    {
        public IkeConnection Connection => connection;

        public TransportRequest Request => request;

        public IDisposable? Initiation { get; set; }

        /// <summary>Runs while strongSwan is not reached.</summary>
        public LoopTimer? Wait { get; set; }

        /// <summary>The tunnel has its socket, or has failed.</summary>
        public bool IsOpen { get; set; }
    }

    /// <summary>An established tunnel: the peer, the time of the loop's clock in ms, and the SA that it came up on.</summary>
    private sealed record Established(Endpoint Remote, IPAddress Address, long Since, uint? Origin);
}
