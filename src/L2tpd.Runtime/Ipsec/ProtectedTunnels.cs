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
/// Ties tunnels to the security associations below them (RFC 3193 section 3.1). A dialled tunnel gets its socket when its SA is there, and
/// its SA ends with it; <see cref="AnsweredAssociations"/> ends those of answered tunnels. When an SA has ended and no other has come in
/// <see cref="Grace"/>, its tunnels are ended. Rekeying is neither.
/// <para>Loop thread only. States of a dialled attempt (<see cref="Attempt"/>): waiting until strongSwan is reached, at most
/// <see cref="ReachLimit"/>; waiting for the SA; open; ended. The connection in strongSwan is loaded while an attempt or tunnel of its name
/// and address is there.</para>
/// <para>Known races: the tunnel ends while IKE is under way (the initiation is given up); the SA ends before the tunnel is established
/// (the tunnel's own retransmissions end it); a peer comes back with a new SA while the old tunnel is being closed (an SA ends only if no
/// tunnel uses it).</para>
/// </summary>
public sealed class ProtectedTunnels : IEventObserver
{
    /// <summary>How long a dialled tunnel waits until strongSwan is reached.</summary>
    public static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long strongSwan may take for one initiation.</summary>
    public static readonly TimeSpan InitiationLimit = TimeSpan.FromSeconds(20);

    /// <summary>How long a tunnel outlives its SA, and an SA its tunnel: the time for a new SA, and for the last messages.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private const string SaEnded = "the IPsec security association of the tunnel was deleted";

    private readonly IIkeDaemon _daemon;
    private readonly Action<TunnelKey, TransportRequest> _open;
    private readonly IInputSink _sink;
    private readonly LoopTimers _timers;
    private readonly Dictionary<TunnelKey, Attempt> _dialled = [];
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private readonly EstablishedTunnels _established = new();
    private readonly AnsweredAssociations _answered;
    private string? _whyLost;

    /// <summary>Makes it without a tunnel.</summary>
    /// <param name="daemon">strongSwan.</param>
    /// <param name="open">Opens the socket of a tunnel.</param>
    /// <param name="sink">Takes failures.</param>
    /// <param name="timers">Timers of the loop.</param>
    public ProtectedTunnels(IIkeDaemon daemon, Action<TunnelKey, TransportRequest> open, IInputSink sink, LoopTimers timers)
    {
        (_daemon, _open, _sink, _timers) = (daemon, open, sink, timers);
        _answered = new AnsweredAssociations(daemon, _established, timers);
    }

    /// <summary>Opens the socket of a tunnel, after its SA if strongSwan has to make one.</summary>
    public void Open(TunnelKey tunnel, TransportRequest request)
    {
        if (ConnectionSettings.Of(request) is not { } connection)
        {
            _open(tunnel, request);
            return;
        }

        var attempt = new Attempt(connection, request);
        _dialled[tunnel] = attempt;
        _users[connection.Name] = _users.GetValueOrDefault(connection.Name) + 1;
        if (_daemon.IsReached)
            Begin(tunnel, attempt);
        else
            attempt.Wait = _timers.After(ReachLimit, () => GiveUp(tunnel, attempt));
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
        if (_daemon.Associations.At(request.Remote.ToIPAddress()).Any(sa => sa.Connection == connection.Name))
            _daemon.Terminate(connection.Name);
        _daemon.Connections.Load(connection, error =>
        {
            if (error is not null)
                Fail(tunnel, request, error);
            else if (_dialled.ContainsKey(tunnel))
                attempt.Initiation = _daemon.Initiate(connection.Name, InitiationLimit, e => Continue(tunnel, request, e));
        });
    }

    /// <summary>The tunnel is forgotten: its SA is not needed any more.</summary>
    public void Close(TunnelKey tunnel)
    {
        LeaveAfterGrace(tunnel);
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
        _daemon.Connections.Unload(name);
        _daemon.Terminate(name);
    }

    /// <summary>The SA that protects a tunnel; <c>null</c> if there is none, or strongSwan does not tell.</summary>
    public SecurityAssociation? Find(Tunnel tunnel)
    {
        var remote = tunnel.Path.Remote;
        return _daemon.Associations.Find(remote.ToIPAddress(), remote.Port, remote.Mark);
    }

    /// <summary>The daemon ends: all tunnels are forgotten, and with them their SAs and connections.</summary>
    public void CloseAll()
    {
        _answered.TerminateAll();
        foreach (var tunnel in _dialled.Keys.ToArray())
            Close(tunnel);
    }

    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent)
    {
        if (engineEvent is TunnelEstablished { Tunnel: var established })
            Enter(established);
        else if (engineEvent is TunnelEnded { Tunnel.Key: var ended })
            LeaveAfterGrace(ended);
    }

    /// <summary>An SA is there that has not replaced another.</summary>
    public void HandleStarted(SecurityAssociation association) => _answered.HandleStarted(association);

    /// <summary>An SA has ended and was not replaced by rekeying.</summary>
    /// <param name="association">The SA.</param>
    /// <param name="isLost">strongSwan was started again without it.</param>
    public void HandleEnded(SecurityAssociation association, bool isLost)
    {
        foreach (var tunnel in _established.At(association.Remote).Where(one => one.MayBeIn(association)).ToArray())
        {
            if (tunnel.Origin == association.Origin)
                tunnel.Origin = null;
            if (!isLost)
                _timers.After(Grace, () => EndWithoutAssociation(tunnel.Key));
            else if (!HasAssociation(tunnel) && _dialled.TryGetValue(tunnel.Key, out var attempt))
                Renew(tunnel.Key, attempt);
        }
    }

    private void Continue(TunnelKey tunnel, TransportRequest request, string? error)
    {
        if (error is not null)
        {
            Fail(tunnel, request, error);
        }
        else if (_dialled.TryGetValue(tunnel, out var attempt))
        {
            attempt.IsOpen = true;
            _open(tunnel, request);
        }
    }

    private void Fail(TunnelKey tunnel, TransportRequest request, string error)
    {
        if (!_dialled.TryGetValue(tunnel, out var attempt))
            return;
        attempt.IsOpen = true;
        if (request.Ipsec.Policy == IpsecPolicy.Required)
            _sink.Submit(new TransportFailed(tunnel, $"IPsec with {request.Remote.ToIPAddress()}: {error}"));
        else
            _open(tunnel, request);
    }

    /// <summary>strongSwan was started again: the peer still has the old SA, and gets a new one without loss of the tunnel.</summary>
    private void Renew(TunnelKey key, Attempt attempt) =>
        attempt.Initiation = _daemon.Initiate(attempt.Connection.Name, InitiationLimit, error =>
        {
            if (error is not null && _established.Find(key) is not null)
                Fail(key, attempt.Request, error);
        });

    private void EndWithoutAssociation(TunnelKey key)
    {
        if (_established.Find(key) is { } tunnel && !HasAssociation(tunnel))
            _sink.Submit(new PeerCutOff(key, SaEnded));
    }

    private bool HasAssociation(EstablishedTunnel tunnel) =>
        _daemon.Associations.MayCover(tunnel.Address, tunnel.Remote.Port, tunnel.Remote.Mark);

    private void Enter(Tunnel tunnel)
    {
        var established = new EstablishedTunnel(tunnel.Key, tunnel.Path.Remote, _timers.Now);
        _established.Add(established);
        _answered.HandleEstablished(established);
    }

    private void LeaveAfterGrace(TunnelKey key)
    {
        if (_established.Find(key) is null)
            return;
        _timers.After(Grace, () =>
        {
            // A tunnel that has ended is forgotten later: the first of both counts.
            if (_established.Remove(key) is { } tunnel)
                _answered.HandleLeft(tunnel);
        });
    }

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
}
