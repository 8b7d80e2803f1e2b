using System.Collections.Immutable;
using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>
/// An engine with a clock that the test moves. Its datagrams go to the scripted peer at that address or are kept in
/// <see cref="Unclaimed"/>; what it asks for is answered at once, unless the test takes that over.
/// </summary>
internal sealed class EngineUnderTest : IEffects
{
    public const string Address = "192.0.2.1";
    public const ushort Port = 1701;
    private const long Beginning = 1_000_000;

    private readonly Dictionary<Endpoint, ScriptedPeer> _peers = [];
    private readonly Queue<EngineInput> _answers = [];
    private ushort _nextPort = 40_000;

    public EngineUnderTest(EngineConfiguration configuration, ulong seed = 1) =>
        Engine = new L2tpEngine(configuration, new SeededRandom(seed));

    public L2tpEngine Engine { get; }

    /// <summary>Engine time, ms; a test counts from <see cref="Elapsed"/>.</summary>
    public long Now { get; private set; } = Beginning;

    /// <summary>Ms since the test began.</summary>
    public long Elapsed => Now - Beginning;

    public List<EngineEvent> Events { get; } = [];

    public List<(DialKey Key, RemoteHost Host)> Resolves { get; } = [];

    public List<(TunnelKey Key, TransportRequest Request)> Transports { get; } = [];

    public List<TunnelParameters> CreatedTunnels { get; } = [];

    public List<SessionParameters> CreatedSessions { get; } = [];

    public List<SessionKey> StartedPpp { get; } = [];

    public HashSet<TunnelKey> LiveTunnels { get; } = [];

    public HashSet<SessionKey> LiveSessions { get; } = [];

    /// <summary>Sessions made and taken away in the data plane, in order.</summary>
    public List<(bool IsMade, SessionKey Session)> DataPlaneSteps { get; } = [];

    /// <summary>What was last asked of a session's interface.</summary>
    public Dictionary<SessionKey, bool> Links { get; } = [];

    public HashSet<SessionKey> LivePpp { get; } = [];

    public List<TunnelKey> ClosedTransports { get; } = [];

    /// <summary>Datagrams to addresses where no scripted peer is.</summary>
    public List<(Endpoint To, byte[] Bytes)> Unclaimed { get; } = [];

    /// <summary>Answers data plane requests at once.</summary>
    public bool AnswersDataPlane { get; set; } = true;

    /// <summary>Opens transports at once.</summary>
    public bool OpensTransports { get; set; } = true;

    /// <summary>What names resolve to; a literal address resolves to itself.</summary>
    public Func<string, ImmutableArray<IPAddress>>? Resolver { get; set; } =
        static host => IPAddress.TryParse(host, out var address) ? [address] : [];

    /// <summary>The only tunnel that is alive.</summary>
    public Tunnel Tunnel => Assert.Single(Engine.Tunnels);

    public IEnumerable<T> EventsOf<T>() => Events.OfType<T>();

    public void Add(ScriptedPeer peer) => _peers.Add(peer.Endpoint, peer);

    /// <summary>The peer is now elsewhere as well.</summary>
    public void AddAlias(Endpoint endpoint, ScriptedPeer peer) => _peers[endpoint] = peer;

    public void Start() => Tell(new Start());

    public void Tell(EngineInput input)
    {
        Engine.Handle(input, new(Now), this);
        GiveAnswers();
    }

    public void Deliver(Endpoint from, ReadOnlySpan<byte> datagram)
    {
        Engine.Handle(new Datagram(new Path(0, Endpoint.From(IPAddress.Parse(Address), Port), from), datagram), new(Now), this);
        GiveAnswers();
    }

    /// <summary>Lets time pass, stopping at each deadline.</summary>
    public void Wait(long milliseconds)
    {
        var end = Now + milliseconds;
        while (Engine.NextDeadline.Milliseconds <= end)
        {
            Now = Math.Max(Now, Engine.NextDeadline.Milliseconds);
            for (var round = 0; Engine.NextDeadline.Milliseconds <= Now; round++)
            {
                Assert.True(round < 100, $"the deadline does not move on at {Elapsed} ms");
                Tell(DeadlineReached.Instance);
            }
        }

        Now = end;
    }

    /// <summary>Waits up to this time after the test began.</summary>
    public void WaitUntil(long elapsed) => Wait(elapsed - Elapsed);

    void IEffects.Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        if (_peers.TryGetValue(path.Remote, out var peer))
            peer.Take(Now, datagram.ToArray());
        else
            Unclaimed.Add((path.Remote, datagram.ToArray()));
    }

    void IEffects.Resolve(DialKey dial, RemoteHost remote)
    {
        Resolves.Add((dial, remote));
        if (Resolver is { } resolve)
        {
            var addresses = resolve(remote.Host);
            _answers.Enqueue(new HostResolved(dial, addresses, addresses.IsEmpty ? "no such host" : null));
        }
    }

    void IEffects.OpenTransport(TunnelKey tunnel, TransportRequest request)
    {
        Transports.Add((tunnel, request));
        if (!OpensTransports)
            return;
        var port = request.SourcePort == 0 ? _nextPort++ : request.SourcePort;
        _answers.Enqueue(new TransportOpened(tunnel, new Path(1, Endpoint.From(IPAddress.Parse(Address), port), request.Remote)));
    }

    void IEffects.CloseTransport(TunnelKey tunnel) => ClosedTransports.Add(tunnel);

    void IEffects.CreateTunnel(TunnelKey tunnel, TunnelParameters parameters)
    {
        Assert.True(LiveTunnels.Add(tunnel));
        CreatedTunnels.Add(parameters);
        if (AnswersDataPlane)
            _answers.Enqueue(new TunnelCreated(tunnel));
    }

    void IEffects.DestroyTunnel(TunnelKey tunnel) => Assert.True(LiveTunnels.Remove(tunnel));

    void IEffects.CreateSession(SessionKey session, SessionParameters parameters)
    {
        Assert.True(LiveSessions.Add(session));
        CreatedSessions.Add(parameters);
        DataPlaneSteps.Add((true, session));
        if (AnswersDataPlane)
            _answers.Enqueue(new SessionCreated(session));
    }

    void IEffects.DestroySession(SessionKey session)
    {
        Assert.True(LiveSessions.Remove(session));
        DataPlaneSteps.Add((false, session));
    }

    void IEffects.SetLink(SessionKey session, bool up)
    {
        Assert.Contains(session, LiveSessions);
        Links[session] = up;
    }

    void IEffects.StartPpp(SessionKey session, PppRequest request)
    {
        Assert.True(LivePpp.Add(session));
        StartedPpp.Add(session);
    }

    /// <summary>PPP ends as soon as it is stopped.</summary>
    public bool EndsPpp { get; set; } = true;

    void IEffects.StopPpp(SessionKey session)
    {
        Assert.True(LivePpp.Remove(session));
        if (EndsPpp)
            _answers.Enqueue(new PppEnded(session, 3, null, "PPP was stopped"));
    }

    void IEffects.Notify(EngineEvent engineEvent) => Events.Add(engineEvent);

    private void GiveAnswers()
    {
        while (_answers.TryDequeue(out var answer))
            Engine.Handle(answer, new(Now), this);
    }
}
