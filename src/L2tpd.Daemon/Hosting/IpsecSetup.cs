using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;
using L2tpd.Linux.Loop;
using L2tpd.Operations.Events;
using L2tpd.Runtime.Ipsec;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// strongSwan, where the configuration names it: the connections of the listeners, the SAs of dialled tunnels, and events about both. Loop
/// thread only, from <see cref="Start"/> on.
/// </summary>
public sealed partial class IpsecSetup : IStrongSwanObserver, IEventObserver, IDisposable
{
    private readonly StrongSwan _strongSwan;
    private readonly ProtectedTunnels _tunnels;
    private readonly ImmutableArray<Listener> _listeners;
    private readonly Action<DaemonEvent> _publish;
    private readonly ILogger _log;
    private bool _isFinishing;
    private string _whyLost = "it was not asked yet";

    private IpsecSetup(
        DaemonConfiguration configuration, ViciLoop loop, IInputSink sink, Action<TunnelKey, TransportRequest> open,
        Action<DaemonEvent> publish, ILogger log)
    {
        (_publish, _log) = (publish, log);
        _strongSwan = new StrongSwan(configuration.StrongSwan!.Socket, loop, this);
        _listeners = configuration.Listeners;
        _tunnels = new ProtectedTunnels(_strongSwan, open, sink, loop.Timers);
        foreach (var listener in _listeners)
        {
            if (ConnectionSettings.Of(listener) is { } connection)
                _strongSwan.Connections.Load(connection);
        }

        Change(configuration);
    }

    /// <summary><c>null</c> if the configuration leaves strongSwan alone.</summary>
    public static IpsecSetup? Make(
        DaemonConfiguration configuration, EventLoop events, LoopTimers timers, EngineLoop loop, FaultLog faults,
        Action<TunnelKey, TransportRequest> open, Action<DaemonEvent> publish, ILogger log)
    {
        if (configuration.StrongSwan is null)
            return null;
        var random = new BufferedRandomSource(new SystemRandomSource());
        return new IpsecSetup(configuration, new ViciLoop(events, timers, faults, random), loop, open, publish, log);
    }

    /// <summary>Connects to strongSwan, and goes on to do so until it is there.</summary>
    public void Start() => _strongSwan.Start();

    /// <summary>Gives strongSwan the credentials of the peer profiles of a configuration. Listeners do not change while we run.</summary>
    public void Change(DaemonConfiguration configuration) => _strongSwan.Connections.Replace(
        ConnectionLoader.PeerPrefix, [.. ConnectionSettings.OfPeers(configuration.Engine.Peers, _listeners)]);

    /// <summary>The daemon ends, and no tunnel is left: unloads our connections. Call it again until it says so.</summary>
    /// <returns>Whether strongSwan has done it, or is not there.</returns>
    public bool TryFinish()
    {
        if (!_isFinishing)
        {
            _isFinishing = true;
            _tunnels.CloseAll();
            _strongSwan.Connections.UnloadAll();
        }

        return _strongSwan.IsIdle;
    }

    /// <inheritdoc cref="ProtectedTunnels.WaitOf"/>
    public string? WaitOf(Tunnel tunnel) => _tunnels.WaitOf(tunnel);

    /// <inheritdoc cref="ProtectedTunnels.Open"/>
    public void Open(TunnelKey tunnel, TransportRequest request) => _tunnels.Open(tunnel, request);

    /// <inheritdoc cref="ProtectedTunnels.Close"/>
    public void Close(TunnelKey tunnel) => _tunnels.Close(tunnel);

    /// <inheritdoc cref="ProtectedTunnels.Find"/>
    public SecurityAssociation? Find(Tunnel tunnel) => _tunnels.Find(tunnel);

    /// <summary>Whether strongSwan has made a tunnel's IPsec; <c>null</c> if it has nothing to do with the tunnel.</summary>
    public ExplanationStep? Explain(Tunnel tunnel)
    {
        if (_tunnels.Find(tunnel) is { } association)
            return new ExplanationStep("IPsec", ExplanationStep.Done, TextOf(association));
        var remote = tunnel.Path.Remote.ToIPAddress();
        if (_strongSwan.Associations.At(remote) is { Count: > 0 } several)
        {
            return new ExplanationStep("IPsec", ExplanationStep.Done, string.Create(CultureInfo.InvariantCulture,
                $"{several.Count} security associations with {remote}; which of them has this tunnel is not known"));
        }

        if (!tunnel.Profile.Ipsec.HasCredentials)
            return null;
        return new ExplanationStep("IPsec", ExplanationStep.Waiting, _strongSwan.IsReached
            ? $"there is no security association with {remote} yet" : $"strongSwan is not reached: {_whyLost}");
    }

    /// <summary>The security associations with the peer at an address, in words.</summary>
    public IReadOnlyList<string> ExplainPeer(IPAddress address) => [.. _strongSwan.Associations.At(address).Select(TextOf)];

    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent) => _tunnels.Observe(engineEvent);

    /// <inheritdoc/>
    public void OnReached()
    {
        LogReached();
        _publish(new StrongSwanReached());
        _tunnels.HandleReached();
    }

    /// <inheritdoc/>
    public void OnLost(string why)
    {
        _whyLost = why;
        LogLost(why);
        _publish(new StrongSwanLost(why));
        _tunnels.HandleLost(why);
    }

    /// <inheritdoc/>
    public void OnNotLoaded(string connection, string why)
    {
        LogNotLoaded(connection, Printable.Of(why));
        _publish(new IpsecNotLoaded(connection, why));
    }

    /// <inheritdoc/>
    public void OnPeerFailed(string peer, string why)
    {
        LogIkeFailed(Printable.Of(peer), why);
        _publish(new IkeFailed(peer, why));
    }

    /// <inheritdoc/>
    public void OnStarted(SecurityAssociation association)
    {
        LogUp(association.Remote, Printable.Of(association.PeerIdentity), association.Algorithms);
        _publish(new SecurityAssociationUp(
            association.Connection, association.Remote, association.PeerIdentity, association.Algorithms));
        _tunnels.HandleStarted(association);
    }

    /// <inheritdoc/>
    public void OnEnded(SecurityAssociation association, bool isLost)
    {
        LogDown(association.Remote, Printable.Of(association.PeerIdentity));
        _publish(new SecurityAssociationDown(association.Connection, association.Remote, association.PeerIdentity));
        _tunnels.HandleEnded(association, isLost);
    }

    /// <inheritdoc/>
    public void Dispose() => _strongSwan.Dispose();

    private static string TextOf(SecurityAssociation association) =>
        $"security association with {association.Remote}, which is {association.PeerIdentity}: {association.Algorithms}"
        + (association.EncapsulationPort == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $", in UDP from its port {association.EncapsulationPort}"));

    [LoggerMessage(Level = LogLevel.Information, Message = "strongSwan is reached; our connections are being loaded")]
    private partial void LogReached();

    [LoggerMessage(Level = LogLevel.Warning, Message = "strongSwan: {Why}. Tunnels with `ipsec` are not dialled until it is there.")]
    private partial void LogLost(string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "strongSwan does not take the connection {Connection}: {Why}")]
    private partial void LogNotLoaded(string connection, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "IKE with {Peer} failed: {Why}")]
    private partial void LogIkeFailed(string peer, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "IPsec with {Peer}: security association with {Identity}, {Algorithms}")]
    private partial void LogUp(IPAddress peer, string identity, string algorithms);

    [LoggerMessage(Level = LogLevel.Information, Message = "IPsec with {Peer}: the security association with {Identity} has ended")]
    private partial void LogDown(IPAddress peer, string identity);
}
