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
        var link = Link.Random(draw, MostLoss);
        var (lnsPeer, lacPeer) = Configurations.RandomPeers(draw);
        var withPpp = new SessionProfile { Ppp = "p" };
        var hosts = new HostPair(seed, link, Configurations.Lns(lnsPeer with { Session = withPpp }),
            Configurations.Lac(Tunnels(draw, lacPeer with { Session = withPpp })));
        hosts.Start();
        hosts.Simulation.RunFor(TimeSpan.FromMinutes(10));
        Assert.DoesNotContain(hosts.Lac.World.Events, static one => one is DialledByTraffic);
        var traffic = new Traffic(hosts.Simulation, hosts.Lac, draw) { IsOn = true };
        hosts.Trouble(draw, (2, 6), 6, (kind, _) => Disturb(hosts.Lac, draw, kind), () => traffic.IsOn = draw.Chance(0.7));
        hosts.Heal();
        Allow(hosts.Lac);
        traffic.IsOn = true;
        hosts.ExpectEverythingUp(static world => world.Ppp.Count);
        ExpectEverythingDown(hosts, traffic);
        hosts.ExpectCleanEnd();
        return hosts.Simulation.Trace;
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

    private static void Disturb(Node lac, SeededRandom draw, int kind)
    {
        switch (kind)
        {
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

    /// <summary>PPP of the LAC reports that no data came.</summary>
    private static void GoIdle(Node lac)
    {
        foreach (var session in lac.EstablishedSessions.Where(static one => one.Data >= DataState.PppStarted).ToArray())
        {
            lac.Tell(new PppIdle(session.Key));
            lac.Tell(new PppEnded(session.Key, 3, null, "the idle timeout was reached"));
        }
    }

    /// <summary>The operator lets everything be dialled that was held down.</summary>
    private static void Allow(Node lac)
    {
        foreach (var tunnel in lac.Engine.Configuration.Tunnels)
        {
            lac.Tell(new ControlConfigured(tunnel.Name, null, ConfiguredCommand.Up, "the test"));
            foreach (var session in tunnel.Sessions)
                lac.Tell(new ControlConfigured(tunnel.Name, session.Name, ConfiguredCommand.Up, "the test"));
        }
    }

    private static void ExpectEverythingDown(HostPair hosts, Traffic traffic)
    {
        var (simulation, lns, lac) = (hosts.Simulation, hosts.Lns, hosts.Lac);
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
