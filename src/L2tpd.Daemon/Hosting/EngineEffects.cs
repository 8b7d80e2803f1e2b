using L2tpd.DataPlanes;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Operations.Hooks;
using L2tpd.PppHosting;
using L2tpd.PppHosting.Radius;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Ipsec;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using L2tpd.Runtime.Tracing;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// Passes each effect of the engine to the part that carries it out. This is the only place that shows where each effect goes. Loop thread
/// only.
/// </summary>
public sealed class EngineEffects(
    Transports transports, HostResolver resolver, LnsSelection selection, IDataPlane dataPlane, IPppBackend ppp,
    IReadOnlyList<IEventObserver> observers, TraceTap trace, IpsecSetup? ipsec = null) : IEffects
{
    /// <summary>Receives the last counters of sessions that end; <c>null</c>: nobody does.</summary>
    public HookRunner? LastTraffic { get; init; }

    /// <summary>The MTU of Ethernet sessions inside ESP; <c>null</c>: the data plane chooses it.</summary>
    public EspLimits? EspLimits { get; init; }

    /// <inheritdoc/>
    public void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        trace.Listener?.OnControl(isSent: true, path, tunnel, datagram);
        transports.Send(path, tunnel, datagram);
    }

    /// <inheritdoc/>
    public void Resolve(DialKey dial, RemoteHost remote)
    {
        if (remote.Query is { } query)
            selection.Ask(dial, query);
        else
            resolver.Resolve(dial, remote);
    }

    /// <inheritdoc/>
    public void OpenTransport(TunnelKey tunnel, TransportRequest request)
    {
        if (ipsec is null)
            transports.Open(tunnel, request);
        else
            ipsec.Open(tunnel, request);
    }

    /// <inheritdoc/>
    public void CloseTransport(TunnelKey tunnel)
    {
        dataPlane.CloseTransport(tunnel);
        ipsec?.Close(tunnel);
    }

    /// <inheritdoc/>
    public void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters) => dataPlane.CreateTunnel(tunnel, parameters);

    /// <inheritdoc/>
    public void DestroyTunnel(TunnelKey tunnel)
    {
        dataPlane.DestroyTunnel(tunnel);
        transports.Leave(tunnel);
    }

    /// <inheritdoc/>
    public void CreateSession(SessionKey session, SessionParameters parameters)
    {
        if (EspLimits is { } limits && parameters is { Settings: { Mtu: null } wire, Pseudowire: not PseudowireType.Ppp })
        {
            var mtu = limits.EthernetMtuOf(parameters.Session.Tunnel, parameters.Pseudowire, wire.PeerCookie.Length, wire.SendSublayer);
            parameters = parameters with { Settings = wire with { Mtu = mtu } };
        }

        dataPlane.CreateSession(session, parameters);
    }

    /// <inheritdoc/>
    public void DestroySession(SessionKey session)
    {
        if (LastTraffic is { WantsTraffic: true } hooks)
            hooks.NoteTraffic(session, Traffic.LastAsync(dataPlane, session));
        dataPlane.DestroySession(session);
    }

    /// <inheritdoc/>
    public void SetLink(SessionKey session, bool up) => dataPlane.SetLink(session, up);

    /// <inheritdoc/>
    public void StartPpp(SessionKey session, PppRequest request) => ppp.Start(session, request);

    /// <inheritdoc/>
    public void StopPpp(SessionKey session) => ppp.Stop(session);

    /// <inheritdoc/>
    public void Notify(EngineEvent engineEvent)
    {
        foreach (var observer in observers)
            observer.Observe(engineEvent);
    }
}
