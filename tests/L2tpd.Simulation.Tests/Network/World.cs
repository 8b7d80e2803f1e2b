using System.Collections.Immutable;
using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol.Avps;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>Carries out effects with random delays, counts them, and checks that every request is valid.</summary>
public sealed class World(Simulation simulation, Node node) : IEffects
{
    private readonly HashSet<TunnelKey> _transports = [];
    private readonly HashSet<TunnelKey> _tunnels = [];
    private readonly HashSet<SessionKey> _sessions = [];
    private readonly HashSet<SessionKey> _ppp = [];
    private ushort _nextPort = 40000;
    private bool _abandoned;

    /// <summary>Probability that a data plane object cannot be made.</summary>
    public double DataPlaneFailure { get; set; }

    /// <summary>Probability that PPP ends soon after it started.</summary>
    public double PppFailure { get; set; }

    public List<EngineEvent> Events { get; } = [];

    public IReadOnlySet<TunnelKey> Tunnels => _tunnels;

    public IReadOnlySet<SessionKey> Sessions => _sessions;

    public IReadOnlySet<SessionKey> Ppp => _ppp;

    public IReadOnlySet<TunnelKey> Transports => _transports;

    /// <summary>The daemon was killed: the kernel closes its objects, and late answers are lost.</summary>
    public void Abandon() => _abandoned = true;

    /// <summary>Sessions are removed, and their PPP, without a request of the engine.</summary>
    public void Forget(Func<SessionKey, bool> isForgotten)
    {
        _ppp.RemoveWhere(isForgotten.Invoke);
        _sessions.RemoveWhere(isForgotten.Invoke);
    }

    public void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        Assert.InRange(datagram.Length, 12, 1460);
        var local = path.Local.Port == 0 ? path.Local with { Port = Node.Port } : path.Local;
        simulation.Transmit(local, path.Remote, datagram.ToArray());
    }

    public void Resolve(DialKey dial, RemoteHost remote) => Answer(() =>
        IPAddress.TryParse(remote.Host, out var address)
            ? new HostResolved(dial, [address], null)
            : new HostResolved(dial, ImmutableArray<IPAddress>.Empty, "no such host"));

    public void OpenTransport(TunnelKey tunnel, TransportRequest request)
    {
        Assert.True(_transports.Add(tunnel), "a transport is opened once");
        var port = request.SourcePort == 0 ? _nextPort++ : request.SourcePort;
        Answer(() => new TransportOpened(tunnel, new Path(1, node.Address with { Port = port }, request.Remote)));
    }

    public void CloseTransport(TunnelKey tunnel)
    {
        Assert.DoesNotContain(tunnel, _tunnels);
        _transports.Remove(tunnel);
    }

    public void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters)
    {
        Assert.NotEqual(0u, parameters.PeerId.Value);
        Assert.DoesNotContain(_tunnels, t => t.LocalId == tunnel.LocalId);
        var fails = simulation.Random.Chance(DataPlaneFailure);
        _tunnels.Add(tunnel);
        Answer(() => fails ? new TunnelFailed(tunnel, "simulated failure") : new TunnelCreated(tunnel));
    }

    public void DestroyTunnel(TunnelKey tunnel)
    {
        Assert.True(_tunnels.Remove(tunnel), "only what was created is destroyed, once");
        Assert.DoesNotContain(_sessions, s => s.Tunnel == tunnel);
    }

    public void CreateSession(SessionKey session, SessionParameters parameters)
    {
        Assert.Contains(session.Tunnel, _tunnels);
        Assert.NotEqual(0u, parameters.PeerId.Value);
        Assert.True(_sessions.Add(session), "a session is created once");
        var fails = simulation.Random.Chance(DataPlaneFailure);
        Answer(() => fails ? new SessionFailed(session, "simulated failure") : new SessionCreated(session));
    }

    public void DestroySession(SessionKey session)
    {
        Assert.True(_sessions.Remove(session), "only what was created is destroyed, once");
        Assert.DoesNotContain(session, _ppp);
    }

    public void SetLink(SessionKey session, bool up) => Assert.Contains(session, _sessions);

    public void StartPpp(SessionKey session, PppRequest request)
    {
        Assert.Contains(session, _sessions);
        Assert.True(_ppp.Add(session), "PPP is started once");
        Answer(() => new PppUp(session, "ppp0", "10.0.0.1", "10.0.0.2"));
        if (simulation.Random.Chance(PppFailure))
        {
            simulation.After(1000 + simulation.Random.Below(20000), () => TellIfAlive(new PppEnded(
                session, 1, new PppDisconnectCause(PppDisconnectCode.EchoTimeout, 0xc021, 0), "simulated echo timeout")));
        }
    }

    public void StopPpp(SessionKey session)
    {
        Assert.True(_ppp.Remove(session), "PPP is stopped once, where it was started");
        Answer(() => new PppEnded(session, 3, null, "PPP was stopped"));
    }

    public void Notify(EngineEvent engineEvent) => Events.Add(engineEvent);

    private void Answer(Func<EngineInput> input) => simulation.After(simulation.Random.Below(50), () => TellIfAlive(input()));

    private void TellIfAlive(EngineInput input)
    {
        if (!_abandoned)
            node.Tell(input);
    }
}
