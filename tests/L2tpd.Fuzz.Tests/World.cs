using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Fuzz.Tests;

/// <summary>
/// An engine whose requests are granted at once, and the books of what it asked for. What it sends lies in <see cref="Sent"/>.
/// </summary>
public sealed class World : IEffects
{
    private readonly Queue<EngineInput> _answers = [];
    private readonly HashSet<TunnelKey> _tunnels = [];
    private readonly HashSet<SessionKey> _sessions = [];
    private readonly HashSet<SessionKey> _ppp = [];

    public World(EngineConfiguration configuration, string address, ulong seed)
    {
        Address = Endpoint.From(IPAddress.Parse(address), 1701);
        Engine = new L2tpEngine(configuration, new SeededRandom(seed));
    }

    public Endpoint Address { get; }

    public L2tpEngine Engine { get; }

    public Queue<(Endpoint To, byte[] Bytes)> Sent { get; } = [];

    public void Tell(EngineInput input, long now)
    {
        Engine.Handle(input, new(now), this);
        Answer(now);
    }

    public void Receive(Endpoint from, ReadOnlySpan<byte> datagram, long now)
    {
        Engine.Handle(new Datagram(new Path(0, Address, from), datagram), new(now), this);
        Answer(now);
    }

    /// <summary>The kernel's objects and the engine's agree, and the engine's numbers with themselves.</summary>
    public void CheckBooks()
    {
        Assert.All(_tunnels, key => Assert.NotNull(Engine.FindTunnel(key)));
        Assert.All(_sessions, key => Assert.NotNull(Engine.FindSession(key)));
        Assert.All(_ppp, key => Assert.Contains(key, _sessions));
        Assert.Equal(Engine.Tunnels.Count(t => t.State == TunnelState.Established), _tunnels.Count);
        Assert.Equal(Engine.SessionCount, Engine.Tunnels.Sum(t => t.Sessions.Count));
        Assert.InRange(Engine.Tunnels.Count(t => t.State == TunnelState.WaitCtlConn), 0, Engine.HalfOpenTunnels);
        Assert.InRange(Engine.HalfOpenMemory, 0, 64 << 20);
    }

    /// <summary>After everything ended nothing may be left.</summary>
    public void CheckEmpty()
    {
        Assert.True(Engine.IsQuiet);
        Assert.Empty(_tunnels);
        Assert.Empty(_sessions);
        Assert.Empty(_ppp);
        Assert.Equal((0, 0, 0), (Engine.Tunnels.Count, Engine.SessionCount, Engine.HalfOpenTunnels));
        Assert.Equal(long.MaxValue, Engine.NextDeadline.Milliseconds);
    }

    void IEffects.Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        Assert.InRange(datagram.Length, 12, 1460);
        Sent.Enqueue((path.Remote, datagram.ToArray()));
    }

    void IEffects.Resolve(DialKey dial, RemoteHost remote) =>
        _answers.Enqueue(new HostResolved(dial, [IPAddress.Parse(remote.Host)], null));

    void IEffects.OpenTransport(TunnelKey tunnel, TransportRequest request) =>
        _answers.Enqueue(new TransportOpened(tunnel, new Path(0, Address, request.Remote)));

    void IEffects.CloseTransport(TunnelKey tunnel) => Assert.DoesNotContain(tunnel, _tunnels);

    void IEffects.CreateTunnel(TunnelKey tunnel, TunnelParameters parameters)
    {
        Assert.NotEqual(0u, parameters.PeerId.Value);
        Assert.True(_tunnels.Add(tunnel));
        _answers.Enqueue(new TunnelCreated(tunnel));
    }

    void IEffects.DestroyTunnel(TunnelKey tunnel) => Assert.True(_tunnels.Remove(tunnel));

    void IEffects.CreateSession(SessionKey session, SessionParameters parameters)
    {
        Assert.NotEqual(0u, parameters.PeerId.Value);
        Assert.Contains(session.Tunnel, _tunnels);
        Assert.True(_sessions.Add(session));
        _answers.Enqueue(new SessionCreated(session));
    }

    void IEffects.DestroySession(SessionKey session) => Assert.True(_sessions.Remove(session));

    void IEffects.SetLink(SessionKey session, bool up) => Assert.Contains(session, _sessions);

    void IEffects.StartPpp(SessionKey session, PppRequest request) => Assert.True(_ppp.Add(session));

    void IEffects.StopPpp(SessionKey session) => Assert.True(_ppp.Remove(session));

    void IEffects.Notify(EngineEvent engineEvent)
    {
    }

    private void Answer(long now)
    {
        while (_answers.TryDequeue(out var answer))
            Engine.Handle(answer, new(now), this);
    }
}
