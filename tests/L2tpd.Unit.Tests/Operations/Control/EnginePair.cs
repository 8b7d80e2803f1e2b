using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Unit.Tests.Engine;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Unit.Tests.Operations.Control;

/// <summary>A LAC and an LNS engine joined by a perfect link: real tunnels and sessions for the views.</summary>
internal sealed class EnginePair
{
    public static readonly Endpoint LacEnd = Endpoint.From(IPAddress.Parse("192.0.2.1"), 1701);
    public static readonly Endpoint LnsEnd = Endpoint.From(IPAddress.Parse("192.0.2.7"), 1701);

    private readonly Side _lac;
    private readonly Side _lns;

    public EnginePair(ulong seed, params LacTunnel[] tunnels)
        : this(seed, ProtocolPreference.V2, tunnels)
    {
    }

    public EnginePair(ulong seed, ProtocolPreference answered, params LacTunnel[] tunnels)
    {
        _lac = new Side(LacEnd, new L2tpEngine(
            new EngineConfiguration { HostName = "lac1.example.net", Tunnels = [.. tunnels] }, new SeededRandom(seed)));
        _lns = new Side(LnsEnd, new L2tpEngine(
            new EngineConfiguration
            {
                HostName = "lns.example.net",
                Peers = [new PeerProfile { Name = "carrier", Prefixes = [IPNetwork.Parse("192.0.2.0/24")], Protocol = answered }],
            },
            new SeededRandom(seed + 1)));
        _lac.Other = _lns;
        _lns.Other = _lac;
        _lac.Inputs.Enqueue(new Start());
        _lns.Inputs.Enqueue(new Start());
        Run();
    }

    public long Now { get; private set; } = 10_000;

    public L2tpEngine Lac => _lac.Engine;

    public L2tpEngine Lns => _lns.Engine;

    public Action<EngineEvent>? LnsEvents
    {
        set => _lns.Event = value;
    }

    public Action<EngineEvent>? LacEvents
    {
        set => _lac.Event = value;
    }

    /// <summary>Cuts the link: nothing sent arrives any more.</summary>
    public bool Cut { get; set; }

    public static LacTunnel Tunnel(string name, params LacSession[] sessions) => new()
    {
        Name = name,
        Remotes = [new RemoteHost("lns.example.net")],
        Peer = new PeerProfile { Name = name },
        SourcePort = 1701,
        Sessions = [.. sessions],
    };

    public void TellLac(EngineInput input)
    {
        _lac.Inputs.Enqueue(input);
        Run();
    }

    public void TellLns(EngineInput input)
    {
        _lns.Inputs.Enqueue(input);
        Run();
    }

    /// <summary>Lets time pass, every deadline on the way kept.</summary>
    public void Pass(long milliseconds)
    {
        var end = Now + milliseconds;
        while (Math.Min(Lac.NextDeadline.Milliseconds, Lns.NextDeadline.Milliseconds) is var next && next <= end)
        {
            Now = Math.Max(Now, next);
            _lac.Inputs.Enqueue(DeadlineReached.Instance);
            _lns.Inputs.Enqueue(DeadlineReached.Instance);
            Run();
        }

        Now = end;
    }

    private void Run()
    {
        while (_lac.Step(Now, Cut) || _lns.Step(Now, Cut))
        {
        }
    }

    private sealed class Side(Endpoint self, L2tpEngine engine) : GrantingEffects
    {
        public Queue<byte[]> Arrived { get; } = [];

        public Side Other { get; set; } = null!;

        public L2tpEngine Engine => engine;

        public Action<EngineEvent>? Event { get; set; }

        private bool _cut;

        public bool Step(long now, bool cut)
        {
            _cut = cut;
            if (Inputs.TryDequeue(out var input))
                engine.Handle(input, new(now), this);
            else if (Arrived.TryDequeue(out var bytes))
                engine.Handle(new Datagram(new Path(0, self, Other.Self), bytes), new(now), this);
            else
                return false;
            return true;
        }

        private Endpoint Self => self;

        public override void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
        {
            if (!_cut)
                Other.Arrived.Enqueue(datagram.ToArray());
        }

        public override void Notify(EngineEvent engineEvent) => Event?.Invoke(engineEvent);

        protected override IPAddress AddressOf(string host) => Other.Self.ToIPAddress();

        protected override Path PathTo(Endpoint remote) => new(0, self, remote);
    }
}
