using System.Net;
using System.Security.Cryptography;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Bench;

/// <summary>
/// Effects of an engine that speaks to one peer and carries no data: names and tunnels are granted, sessions need nothing.
/// </summary>
internal abstract class ControlPlaneEffects : IEffects, IRandomSource
{
    /// <summary>What the engine is to handle next.</summary>
    protected Queue<EngineInput> Inputs { get; } = new();

    /// <summary>The path of all datagrams.</summary>
    protected Path Path { get; init; }

    public abstract void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram);

    public void Resolve(DialKey dial, RemoteHost remote) => Inputs.Enqueue(new HostResolved(dial, [Path.Remote.ToIPAddress()], null));

    public abstract void OpenTransport(TunnelKey tunnel, TransportRequest request);

    public void CloseTransport(TunnelKey tunnel)
    {
    }

    public virtual void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters) => Inputs.Enqueue(new TunnelCreated(tunnel));

    public void DestroyTunnel(TunnelKey tunnel)
    {
    }

    public virtual void CreateSession(SessionKey session, SessionParameters parameters)
    {
    }

    public void DestroySession(SessionKey session)
    {
    }

    public void SetLink(SessionKey session, bool up)
    {
    }

    public void StartPpp(SessionKey session, PppRequest request)
    {
    }

    public void StopPpp(SessionKey session)
    {
    }

    public abstract void Notify(EngineEvent engineEvent);

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
