using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using EnginePath = L2tpd.Engine.Addressing.Path;

namespace L2tpd.TestKit;

/// <summary>Effects of an engine in a test: each request is granted by an input in <see cref="Inputs"/>; the rest is ignored.</summary>
public abstract class GrantingEffects : IEffects
{
    /// <summary>What the engine is to handle next.</summary>
    public Queue<EngineInput> Inputs { get; } = [];

    public abstract void Send(in EnginePath path, TunnelKey tunnel, ReadOnlySpan<byte> datagram);

    public void Resolve(DialKey dial, RemoteHost remote) => Inputs.Enqueue(new HostResolved(dial, [AddressOf(remote.Host)], null));

    public void OpenTransport(TunnelKey tunnel, TransportRequest request) =>
        Inputs.Enqueue(new TransportOpened(tunnel, PathTo(request.Remote)));

    public void CloseTransport(TunnelKey tunnel)
    {
    }

    public void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters) => Inputs.Enqueue(new TunnelCreated(tunnel));

    public void DestroyTunnel(TunnelKey tunnel)
    {
    }

    public void CreateSession(SessionKey session, SessionParameters parameters) => Inputs.Enqueue(new SessionCreated(session));

    public void DestroySession(SessionKey session)
    {
    }

    public void SetLink(SessionKey session, bool up)
    {
    }

    public virtual void StartPpp(SessionKey session, PppRequest request)
    {
    }

    public void StopPpp(SessionKey session)
    {
    }

    public virtual void Notify(EngineEvent engineEvent)
    {
    }

    protected abstract IPAddress AddressOf(string host);

    protected abstract EnginePath PathTo(Endpoint remote);
}
