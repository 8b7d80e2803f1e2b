using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Fuzz.Tests;

/// <summary>
/// Two engines, and between them an attacker who changes, repeats, reorders and forges datagrams. Both roles are attacked at every stage.
/// Nothing throws, the counts match, nothing grows, and a new peer is served afterwards.
/// </summary>
public sealed class ConversationFuzzTests(ITestOutputHelper output)
{
    /// <summary>
    /// The most that the engine may allocate for one datagram: its answer, a tunnel or session, and tables that double in size.
    /// </summary>
    private const long MostAllocated = 512 * 1024;

    [Fact]
    public void Mutated_conversations_do_no_harm() =>
        Seeds.ForEach(600, TimeSpan.FromSeconds(40), output.WriteLine, seed => new Story(seed).Run());

    /// <summary>
    /// The same for L2TPv3 and for both versions at one listener. A digest would stop most mutants, so half of the runs have none.
    /// </summary>
    [Theory]
    [InlineData(ProtocolPreference.V3)]
    [InlineData(ProtocolPreference.Auto)]
    public void Mutated_conversations_of_v3_do_no_harm(ProtocolPreference protocol) =>
        Seeds.ForEach(300, TimeSpan.FromSeconds(20), output.WriteLine, seed => new Story(seed, protocol).Run());

    private sealed class Story
    {
        private readonly SeededRandom _random;
        private readonly World _lns;
        private readonly World _lac;
        private readonly List<byte[]> _heard = [[0xC8, 2, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]];
        private readonly byte[]? _secret;
        private long _now = 1_000_000;
        private double _hostility;

        private readonly ProtocolPreference _protocol;

        public Story(ulong seed, ProtocolPreference protocol = ProtocolPreference.V2)
        {
            _protocol = protocol;
            _random = new SeededRandom(seed);
            _secret = _random.Chance(0.5) ? "l2tpd-secret"u8.ToArray() : null;
            var peer = Profile();
            _lns = new World(new EngineConfiguration { HostName = "lns", Peers = [peer] }, "192.0.2.1", _random.Next());
            _lac = new World(
                new EngineConfiguration
                {
                    HostName = "lac",
                    Peers = [Profile()],
                    Tunnels =
                    [
                        new LacTunnel
                        {
                            Name = "t", Remotes = [new RemoteHost("192.0.2.1")], Peer = Profile(), SourcePort = 1701,
                            Sessions = [Call("a", CallDirection.Incoming), Call("b", CallDirection.Incoming),
                                Call("c", CallDirection.Outgoing)],
                        },
                    ],
                },
                "192.0.2.2", _random.Next());
        }

        public void Run()
        {
            _hostility = _random.Chance(0.3) ? 0 : _random.Below(60) / 100.0;
            _lac.Tell(new Start(), _now);
            for (var step = 0; step < 150; step++)
            {
                Exchange();
                if (_random.Chance(0.5))
                    Attack();
                if (_random.Chance(0.05))
                    Disturb();
                _now += _random.Below(_random.Chance(0.1) ? 20_000 : 50);
                Deadlines();
            }

            _hostility = 0;
            ServesAFreshPeer();
            Ends();
        }

        private PeerProfile Profile() => new()
        {
            Name = "any",
            Secret = _secret,
            Protocol = _protocol,
            HideAvps = _secret is not null && _random.Chance(0.3),
            AcceptOutgoingCalls = true,
            ReceiveWindow = (ushort)(1 + _random.Below(20)),
            Session = new SessionProfile { Ppp = _random.Chance(0.5) ? "p" : null, Accm = new Accm(0, 0) },
            Timers = new TunnelTimers { HelloInterval = TimeSpan.FromSeconds(5) },
        };

        private static LacSession Call(string name, CallDirection direction) =>
            new() { Name = name, Direction = direction, CalledNumber = "1" };

        /// <summary>Delivers what was sent, which may be hostile.</summary>
        private void Exchange()
        {
            for (var round = 0; round < 40 && _lns.Sent.Count + _lac.Sent.Count > 0; round++)
            {
                Carry(_lns, _lac);
                Carry(_lac, _lns);
            }
        }

        private void Carry(World from, World to)
        {
            if (!from.Sent.TryDequeue(out var sent) || sent.To != to.Address)
                return;
            if (_heard.Count < 200)
                _heard.Add(sent.Bytes);
            if (!_random.Chance(_hostility))
            {
                Give(to, from.Address, sent.Bytes);
                return;
            }

            switch (_random.Below(4))
            {
                case 0:
                    // Held back: reordered with what follows.
                    from.Sent.Enqueue(sent);
                    break;
                case 1:
                    Give(to, from.Address, sent.Bytes);
                    Give(to, from.Address, sent.Bytes);
                    break;
                case 2:
                    Give(to, from.Address, Mutator.Mutate(sent.Bytes, _heard, _random));
                    break;
                default:
                    Give(to, from.Address, Mutator.Mutate(sent.Bytes, _heard, _random));
                    Give(to, from.Address, sent.Bytes);
                    break;
            }
        }

        /// <summary>A forged datagram from the peer's address or a stranger's.</summary>
        private void Attack()
        {
            var (to, from) = _random.Chance(0.5) ? (_lns, _lac) : (_lac, _lns);
            var source = _random.Chance(0.7) ? from.Address : Endpoint.From(IPAddress.Parse("198.51.100.1"), 1000 + _random.Below(50));
            for (var i = _random.Below(5); i >= 0; i--)
                Give(to, source, Mutator.Mutate(_heard[_random.Below(_heard.Count)], _heard, _random));
        }

        private void Disturb()
        {
            var world = _random.Chance(0.5) ? _lns : _lac;
            if (world.Engine.Tunnels.FirstOrDefault() is not { } tunnel)
                return;
            var session = tunnel.Sessions.Values.FirstOrDefault();
            switch (_random.Below(4))
            {
                case 0:
                    world.Tell(new CloseTunnel(tunnel.Key, "fuzz"), _now);
                    break;
                case 1 when session is not null:
                    world.Tell(new CloseSession(session.Key, "fuzz"), _now);
                    break;
                case 2 when session is not null:
                    world.Tell(new CallErrorsObserved(session.Key, new CallErrors(1, (uint)_random.Next(), 0, 0, 0, 0)), _now);
                    break;
                case 3 when session is { Data: DataState.PppStarted }:
                    world.Tell(new PppEnded(session.Key, 3, new PppDisconnectCause(PppDisconnectCode.Normal, 0xc021, 1, "bye"),
                        "bye"), _now);
                    break;
            }
        }

        private void Give(World to, Endpoint from, byte[] bytes)
        {
            // What the harness itself keeps of the answers is included in the measurement, and is small.
            var before = GC.GetAllocatedBytesForCurrentThread();
            to.Receive(from, bytes, _now);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MostAllocated, $"{allocated} octets allocated for {Convert.ToHexString(bytes)}");
            to.CheckBooks();
            Assert.All(to.Engine.Tunnels, t => Assert.True(t.Outstanding < 2000, "the queue of a tunnel grows"));
            Assert.True(to.Engine.Tunnels.Count < 1000 && to.Engine.SessionCount < 2000);
            while (to.Sent.Count > 500)
                to.Sent.Dequeue();
        }

        private void Deadlines()
        {
            foreach (var world in new[] { _lns, _lac })
            {
                for (var round = 0; world.Engine.NextDeadline.Milliseconds <= _now; round++)
                {
                    Assert.True(round < 1000, "the deadline does not move on");
                    world.Tell(DeadlineReached.Instance, _now);
                }

                world.CheckBooks();
            }
        }

        /// <summary>Both attacked ends still serve a new peer.</summary>
        private void ServesAFreshPeer()
        {
            var fresh = new World(
                new EngineConfiguration
                {
                    HostName = "fresh",
                    Tunnels =
                    [
                        .. new[] { _lns, _lac }.Select(target => new LacTunnel
                        {
                            Name = target.Address.ToString(), Remotes = [new RemoteHost(target.Address.ToIPAddress().ToString())],
                            Peer = new PeerProfile { Name = "any", Secret = _secret, Protocol = _protocol }, SourcePort = 1701,
                            Sessions = [Call("s", CallDirection.Incoming)],
                        }),
                    ],
                },
                "203.0.113.5", _random.Next());
            fresh.Tell(new Start(), _now);
            for (var i = 0; i < 300 && fresh.Engine.Tunnels.Sum(Up) < 2; i++)
            {
                while (fresh.Sent.TryDequeue(out var sent))
                    (sent.To == _lns.Address ? _lns : _lac).Receive(fresh.Address, sent.Bytes, _now);
                foreach (var world in new[] { _lns, _lac })
                {
                    for (var count = world.Sent.Count; count > 0; count--)
                    {
                        var sent = world.Sent.Dequeue();
                        if (sent.To == fresh.Address)
                            fresh.Receive(world.Address, sent.Bytes, _now);
                        else
                            world.Sent.Enqueue(sent);
                    }
                }

                _now += 10;
            }

            Assert.True(fresh.Engine.Tunnels.Sum(Up) == 2, "a fresh peer is not served");
            foreach (var world in new[] { _lns, _lac })
                world.CheckBooks();

            static int Up(Tunnel tunnel) => tunnel.Sessions.Values.Count(s => s.State == SessionState.Established);
        }

        private void Ends()
        {
            foreach (var world in new[] { _lns, _lac })
                world.Tell(new ShutDown(), _now);
            for (var i = 0; i < 200; i++)
            {
                Exchange();
                _now += 1000;
                Deadlines();
            }

            _lns.CheckEmpty();
            _lac.CheckEmpty();
        }
    }

    /// <summary>The packet that crashes other daemons, and similar ones.</summary>
    [Theory]
    [InlineData("0202000100020fff")]
    [InlineData("020200010002ffff")]
    [InlineData("4202000800010002")]
    [InlineData("4a02ffff000100020000000000ff")]
    [InlineData("0b02000100020000000000")]
    [InlineData("02")]
    [InlineData("")]
    [InlineData("0002")]
    [InlineData("000200")]
    public void Data_headers_with_lies_are_dropped(string octets)
    {
        var world = new World(
            new EngineConfiguration { HostName = "lns", Peers = [new PeerProfile { Name = "any" }] }, "192.0.2.1", 1);
        world.Receive(Endpoint.From(IPAddress.Parse("192.0.2.2"), 1701), Convert.FromHexString(octets), 1000);
        Assert.Empty(world.Sent);
        Assert.Empty(world.Engine.Tunnels);
        Assert.Equal(1, world.Engine.Counters.DataDropped + world.Engine.Counters.UnknownVersion);
    }
}
