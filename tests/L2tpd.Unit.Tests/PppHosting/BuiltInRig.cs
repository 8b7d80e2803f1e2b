using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;
using L2tpd.PppHosting;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Loop;
using L2tpd.Unit.Tests.Operations.Control;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>A LAC and an LNS with built-in PPP over fake links; sessions of two real engines; a clock of its own.</summary>
internal sealed class BuiltInRig : IDisposable
{
    private readonly EnginePair _engines;
    private readonly Queue<Action> _pending = new();
    private long _now = 1_000_000;

    public BuiltInRig(PppProfile lac, PppProfile lns, int sessions = 1, ILogger? log = null)
    {
        var dialled = Enumerable.Range(0, sessions).Select(static i => new L2tpd.Engine.Configuration.LacSession { Name = $"s{i}" });
        _engines = new EnginePair(1, EnginePair.Tunnel("up", [.. dialled]));
        Lac = new Side(this, lac);
        Lns = new Side(this, lns, log);
        (Lac.Other, Lns.Other) = (Lns, Lac);
    }

    /// <summary>The profile of a client that logs in as <c>user</c> and sends no echoes.</summary>
    public static PppProfile Client { get; } = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, User = "user", Password = new Secret("pass"), EchoInterval = TimeSpan.Zero,
    };

    /// <summary>Octets of the longest IP packet between the two; 0 if not known.</summary>
    public int PathMtu { get; set; }

    /// <summary>What ESP leaves of it; <c>null</c> without ESP.</summary>
    public L2tpd.Runtime.Ipsec.EspLimit? Esp { get; init; }

    public Side Lac { get; }

    public Side Lns { get; }

    /// <summary>Starts PPP at both ends of the session with this number.</summary>
    public void Start(int number, Action<BuiltInRig>? then = null)
    {
        var lac = _engines.Lac.Tunnels.Single().Sessions.Values.Single(session => session.Name == $"up/s{number}");
        var lns = _engines.Lns.Tunnels.Single().Sessions.Values.Single(session => session.LocalId == lac.PeerId);
        Lac.Start(number, lac, server: false);
        Lns.Start(number, lns, server: true);
        then?.Invoke(this);
        Run();
    }

    /// <summary>Moves the clock and runs every timer on the way.</summary>
    public void Pass(long milliseconds)
    {
        var end = _now + milliseconds;
        while (Math.Min(Lac.Next, Lns.Next) is var next && next <= end)
        {
            _now = Math.Max(_now, next);
            Lac.Timers.TakeDue(_now)?.Run();
            Lns.Timers.TakeDue(_now)?.Run();
            Run();
        }

        _now = end;
    }

    public void Run()
    {
        do
        {
            while (_pending.TryDequeue(out var work))
                work();
            Lac.Backend.OnTurnEnd(_now);
            Lns.Backend.OnTurnEnd(_now);
        }
        while (_pending.Count > 0);
    }

    public void Dispose()
    {
        Lac.Backend.Dispose();
        Lns.Backend.Dispose();
    }

    /// <summary>One end's back end and what it needs.</summary>
    internal sealed class Side : IInputSink, IPppLinkFactory
    {
        private readonly BuiltInRig _rig;
        private readonly Dictionary<SessionKey, int> _numbers = [];
        private int _starting;

        public Side(BuiltInRig rig, PppProfile profile, ILogger? log = null)
        {
            _rig = rig;
            Timers = new LoopTimers(() => rig._now);
            Profiles = new PppProfiles(ImmutableSortedDictionary<string, PppProfile>.Empty.Add("p", profile));
            var paths = new PathLimits(_ => rig.PathMtu, _ => rig.Esp);
            Backend = new BuiltInBackend(Timers, this, this, Profiles, paths, log ?? NullLogger.Instance);
        }

        public Side Other { get; set; } = null!;

        public LoopTimers Timers { get; }

        public long Next => Math.Min(Timers.Next, Backend.NextDeadline);

        public PppProfiles Profiles { get; }

        public BuiltInBackend Backend { get; }

        public Dictionary<int, FakeLink> Links { get; } = [];

        public List<EngineInput> Inputs { get; } = [];

        public HashSet<int> Lent { get; } = [];

        public PppUp[] Ups => [.. Inputs.OfType<PppUp>()];

        public PppEnded[] Ends => [.. Inputs.OfType<PppEnded>()];

        public PppRefused[] Refusals => [.. Inputs.OfType<PppRefused>()];

        public void Start(int number, Session session, bool server)
        {
            _starting = number;
            _numbers[session.Key] = number;
            var parameters = new SessionParameters(session, session.LocalId, session.PeerId, PseudowireType.Ppp, server, false, false,
                TimeSpan.Zero);
            Backend.Start(session.Key, new PppRequest(session, "p", server, parameters));
        }

        public void Reload(PppProfile profile) =>
            Profiles.Replace(ImmutableSortedDictionary<string, PppProfile>.Empty.Add("p", profile));

        public SessionKey KeyOf(int number) => _numbers.Single(entry => entry.Value == number).Key;

        public void Stop(int number)
        {
            Backend.Stop(KeyOf(number));
            _rig.Run();
        }

        public List<LinkSettings> Prepared { get; } = [];

        public List<LinkSettings> Created { get; } = [];

        public LinuxError PrepareError { get; set; }

        public LinuxError Prepare(LinkSettings settings)
        {
            Prepared.Add(settings);
            return PrepareError;
        }

        public void PrepareRunning(LinkSettings settings, Action<LinuxError> onFailure)
        {
            if (Prepare(settings) is { IsNone: false } error)
                Post(() => onFailure(error));
        }

        public IPppLink? Create(SessionKey session, LinkSettings settings, IPppLinkObserver observer)
        {
            Lent.Add(_starting);
            Created.Add(settings);
            return Links[_starting] = new FakeLink(_rig, this, _starting, observer);
        }

        public void Submit(EngineInput input) => Inputs.Add(input);

        public void Post(EngineInput input) => Inputs.Add(input);

        public void Post(Action work) => _rig._pending.Enqueue(work);

        public void Dispose()
        {
        }
    }

    /// <summary>Carries frames to the other side's link with the same number, and records the calls that set it up.</summary>
    internal sealed class FakeLink(BuiltInRig rig, Side side, int number, IPppLinkObserver observer) : IPppLink
    {
        private readonly List<LinkNetwork> _beingAdded = [];

        public IPppLinkObserver Observer => observer;

        public string? Interface { get; private set; }

        public List<LinkNetwork> Networks { get; } = [];

        public List<string> Sent { get; } = [];

        public bool IsClosed { get; private set; }

        public bool IsCut { get; set; }

        public LinuxError OpenError { get; set; }

        public LinuxError NetworkError { get; set; }

        public TimeSpan? Idle { get; set; }

        public bool OutlivesSession { get; set; } = true;

        public LinkParameters? Framing { get; private set; }

        public List<SessionRates> Rates { get; } = [];

        /// <summary>A frame of the peer, in hexadecimal without FF 03.</summary>
        public void Receive(string frame)
        {
            observer.OnFrame(Convert.FromHexString(frame));
            rig.Run();
        }

        /// <summary>The counters of the data plane; <c>null</c> if it does not answer.</summary>
        public SessionCounters? Counters { get; set; } = new SessionCounters(1, 2, 3, 4);

        public void Open(IPAddress? tunnelEnd) => Post(() => observer.OnOpened(OpenError));

        public void Send(ReadOnlySpan<byte> frame)
        {
            var copy = PppFrame.WithoutAddressAndControl(frame).ToArray();
            Sent.Add(Convert.ToHexStringLower(copy));
            if (!IsCut && side.Other.Links.TryGetValue(number, out var other))
                rig._pending.Enqueue(() => other.Deliver(copy));
        }

        public void AddNetwork(LinkNetwork network)
        {
            _beingAdded.Add(network);
            Post(() =>
            {
                Interface = $"ppp{number}";
                if (_beingAdded.Remove(network) && NetworkError.IsNone)
                    Networks.Add(network);
                observer.OnNetworkAdded(network, NetworkError);
            });
        }

        public void RemoveNetwork(LinkNetwork network) =>
            Assert.True(Networks.Remove(network) || _beingAdded.Remove(network), "a network was removed that is not there");

        public List<IPNetwork> Routes { get; } = [];

        public LinuxError RouteError { get; set; }

        public void AddRoute(IPNetwork destination, uint metric)
        {
            Routes.Add(destination);
            Post(() => observer.OnRouteAdded(destination, RouteError));
        }

        public void RemoveRoute(IPNetwork destination, uint metric) =>
            Assert.True(Routes.Remove(destination), "a route was removed that is not there");

        public bool TryGetIdle(out TimeSpan transmit, out TimeSpan receive)
        {
            (transmit, receive) = (Idle ?? default, Idle ?? default);
            return Idle is not null;
        }

        public void SetFraming(LinkParameters link) => Framing = link;

        public void SetRates(SessionRates rates) => Rates.Add(rates);

        public void RequestCounters()
        {
            if (Counters is { } counters)
                observer.OnCounters(counters);
        }

        public void Close()
        {
            Assert.False(IsClosed, "the link was closed twice");
            IsClosed = true;
            Assert.True(side.Lent.Remove(number), "the session was given back twice");
            rig._pending.Enqueue(observer.OnClosed);
        }

        private void Deliver(byte[] frame)
        {
            if (!IsClosed)
                observer.OnFrame(frame);
        }

        private void Post(Action work) => rig._pending.Enqueue(() =>
        {
            if (!IsClosed)
                work();
        });
    }
}
