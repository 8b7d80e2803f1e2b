using L2tpd.Engine;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Simulation.Tests.Network;

namespace L2tpd.Simulation.Tests;

/// <summary>
/// Dial on demand over a link that loses, duplicates, delays and reorders, while either end may crash, PPP may fail, sessions go idle, the
/// operator closes and holds down, and the LAC goes on from a snapshot of itself: with traffic all comes up, and without it all goes down
/// and stays down.
/// </summary>
public sealed class OnTrafficTests
{
    private const int SeedCount = 300;
    private const double MostLoss = 0.3;

    [Fact]
    public void Traffic_brings_everything_up_and_without_it_everything_goes_down() =>
        Seeds.ForEach(SeedCount, static seed => RunStory(seed));

    [Fact]
    public void The_same_seed_gives_the_same_datagrams_at_the_same_times() =>
        Seeds.ForEach(10, static seed => Assert.Equal(RunStory(seed), RunStory(seed)));

    private static ulong RunStory(ulong seed)
    {
        var draw = new SeededRandom(seed);
        var simulation = new Network.Simulation(seed ^ 0x5EED, Link.Random(draw, MostLoss));
        var (lnsPeer, lacPeer) = Configurations.RandomPeers(draw);
        var withPpp = new SessionProfile { Ppp = "p" };
        var lns = new Node(simulation, Configurations.LnsAddress, Configurations.Lns(lnsPeer with { Session = withPpp }));
        var lac = new Node(
            simulation, Configurations.LacAddress, Configurations.Lac(Tunnels(draw, lacPeer with { Session = withPpp })));
        simulation.AfterStep = () => Invariants.Check(simulation);
        lns.Start();
        lac.Start();
        simulation.RunFor(TimeSpan.FromMinutes(10));
        Assert.DoesNotContain(lac.World.Events, static one => one is DialledByTraffic);
        var traffic = new Traffic(simulation, lac, draw) { IsOn = true };
        Trouble(simulation, lns, lac, draw, traffic);
        Heal(simulation, lns, lac, traffic);
        ExpectEverythingUp(simulation, lns, lac);
        ExpectEverythingDown(simulation, lns, lac, traffic);
        ExpectCleanEnd(simulation, lns, lac);
        return simulation.Trace;
    }

    private static LacTunnel[] Tunnels(SeededRandom draw, PeerProfile peer) =>
    [
        .. Enumerable.Range(0, 1 + draw.Below(2)).Select(number => Configurations.Tunnel($"t{number}", peer, Sessions(draw))
            with { Dial = draw.Chance(0.75) ? DialMode.OnTraffic : DialMode.Always }),
    ];

    private static LacSession[] Sessions(SeededRandom draw) =>
    [
        .. Enumerable.Range(0, 1 + draw.Below(3)).Select(static number => Configurations.Session($"s{number}", "p") with
        {
            Dial = DialMode.OnTraffic,
        }),
    ];

    private static void Trouble(Network.Simulation simulation, Node lns, Node lac, SeededRandom draw, Traffic traffic)
    {
        lns.World.PppFailure = lac.World.PppFailure = draw.Chance(0.3) ? 0.3 : 0;
        lns.World.DataPlaneFailure = lac.World.DataPlaneFailure = draw.Chance(0.2) ? 0.2 : 0;
        for (var i = 0; i < 2 + draw.Below(6); i++)
        {
            simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(60_000)));
            traffic.IsOn = draw.Chance(0.7);
            var victim = draw.Chance(0.5) ? lns : lac;
            switch (draw.Below(6))
            {
                case 0:
                    simulation.Link.IsCut = true;
                    simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(120_000)));
                    simulation.Link.IsCut = false;
                    break;
                case 1:
                    victim.Crash();
                    simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(60_000)));
                    victim.Restart();
                    break;
                case 2:
                    GoIdle(lac);
                    break;
                case 3:
                    lac.ReplaceEngine();
                    break;
                case 4:
                    var commands = Enum.GetValues<ConfiguredCommand>();
                    var tunnel = lac.Engine.Configuration.Tunnels[draw.Below(lac.Engine.Configuration.Tunnels.Length)];
                    var session = tunnel.Sessions[draw.Below(tunnel.Sessions.Length)].Name;
                    lac.Tell(new ControlConfigured(
                        tunnel.Name, draw.Chance(0.5) ? session : null, commands[draw.Below(commands.Length)], "the test"));
                    break;
            }
        }
    }

    /// <summary>PPP of the LAC reports that no data came.</summary>
    private static void GoIdle(Node lac)
    {
        foreach (var session in lac.EstablishedSessions.Where(static one => one.Data >= DataState.PppStarted).ToArray())
        {
            lac.Tell(new PppIdle(session.Key));
            lac.Tell(new PppEnded(session.Key, 3, null, "the idle timeout was reached"));
        }
    }

    private static void Heal(Network.Simulation simulation, Node lns, Node lac, Traffic traffic)
    {
        simulation.Link.Loss = 0;
        simulation.Link.Duplication = 0;
        simulation.Link.IsCut = false;
        foreach (var node in new[] { lns, lac })
            node.World.PppFailure = node.World.DataPlaneFailure = 0;
        foreach (var tunnel in lac.Engine.Configuration.Tunnels)
        {
            lac.Tell(new ControlConfigured(tunnel.Name, null, ConfiguredCommand.Up, "the test"));
            foreach (var session in tunnel.Sessions)
                lac.Tell(new ControlConfigured(tunnel.Name, session.Name, ConfiguredCommand.Up, "the test"));
        }

        traffic.IsOn = true;
    }

    private static void ExpectEverythingUp(Network.Simulation simulation, Node lns, Node lac)
    {
        var configured = lac.Engine.Configuration.Tunnels.Sum(static tunnel => tunnel.Sessions.Length);
        Assert.True(
            simulation.RunUntil(() => Agree(lns, lac, configured), TimeSpan.FromMinutes(15)),
            $"{lac.EstablishedSessions.Count()} of {configured} sessions up at the LAC, {lns.EstablishedSessions.Count()} at the LNS; "
            + $"waiting: {string.Join(' ', lac.Engine.WaitingForTraffic)}; held down: {string.Join(' ', lac.Engine.HeldDown)}");
        simulation.RunFor(TimeSpan.FromMinutes(5));
        Assert.True(Agree(lns, lac, configured), "both ends have the same sessions, and they stay");
    }

    private static void ExpectEverythingDown(Network.Simulation simulation, Node lns, Node lac, Traffic traffic)
    {
        traffic.IsOn = false;
        simulation.RunFor(TimeSpan.FromSeconds(10));
        GoIdle(lac);
        simulation.RunFor(TimeSpan.FromMinutes(3));
        var kept = lac.Engine.Configuration.Tunnels.Count(static tunnel => tunnel.Dial == DialMode.Always);
        var dialled = lac.World.Events.OfType<Dialling>().Count();
        for (var i = 0; i < 6; i++)
        {
            Assert.Empty(lac.EstablishedSessions);
            Assert.Empty(lns.EstablishedSessions);
            Assert.Equal(kept, lac.EstablishedTunnels.Count());
            Assert.Equal(kept, lns.EstablishedTunnels.Count());
            simulation.RunFor(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(dialled, lac.World.Events.OfType<Dialling>().Count());
        Assert.Equal(
            lac.Engine.Configuration.Tunnels.SelectMany(static tunnel => tunnel.Sessions.Select(one => $"{tunnel.Name}/{one.Name}")),
            lac.Engine.WaitingForTraffic);
    }

    private static bool Agree(Node lns, Node lac, int configured)
    {
        var lacEnds = lac.EstablishedSessions.Select(static s => (s.LocalId, s.PeerId)).ToHashSet();
        var lnsEnds = lns.EstablishedSessions.Select(static s => (s.PeerId, s.LocalId)).ToHashSet();
        return lacEnds.Count == configured && lac.World.Ppp.Count == configured && lacEnds.SetEquals(lnsEnds);
    }

    private static void ExpectCleanEnd(Network.Simulation simulation, Node lns, Node lac)
    {
        lac.Tell(new ShutDown());
        Assert.True(simulation.RunUntil(() => lac.Engine.IsQuiet, TimeSpan.FromSeconds(30)), "a LAC with a healthy peer ends promptly");
        simulation.RunFor(TimeSpan.FromMinutes(3));
        lns.Tell(new ShutDown());
        simulation.RunFor(TimeSpan.FromMinutes(3));
        foreach (var node in new[] { lns, lac })
        {
            Assert.True(node.Engine.IsQuiet);
            Assert.Empty(node.World.Tunnels);
            Assert.Empty(node.World.Sessions);
            Assert.Empty(node.World.Ppp);
            Assert.Empty(node.World.Transports);
            Assert.Equal(Instant.Never, node.Engine.NextDeadline);
        }
    }

    /// <summary>Packets for each session of the LAC, about once per second, while it is on.</summary>
    private sealed class Traffic
    {
        private readonly Network.Simulation _simulation;
        private readonly Node _lac;
        private readonly SeededRandom _draw;

        public Traffic(Network.Simulation simulation, Node lac, SeededRandom draw)
        {
            (_simulation, _lac, _draw) = (simulation, lac, draw);
            simulation.After(1, Send);
        }

        public bool IsOn { get; set; }

        private void Send()
        {
            foreach (var tunnel in IsOn ? _lac.Engine.Configuration.Tunnels : [])
            {
                foreach (var session in tunnel.Sessions)
                    _lac.Tell(new TrafficWaits(tunnel.Name, session.Name));
            }

            _simulation.After(500 + _draw.Below(1_000), Send);
        }
    }
}
