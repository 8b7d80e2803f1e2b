using L2tpd.Engine;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Simulation.Tests.Network;

namespace L2tpd.Simulation.Tests;

/// <summary>
/// Two daemons over a link that loses, duplicates, delays and reorders, while each may crash, PPP may fail and the operator closes tunnels
/// and sessions.
/// </summary>
public sealed class LossyLinkTests
{
    private const int SeedCount = 1000;
    private const double MostLoss = 0.3;

    [Fact]
    public void Everything_comes_up_again_and_nothing_is_left_behind() => Seeds.ForEach(SeedCount, seed => RunStory(seed));

    [Fact]
    public void The_same_seed_gives_the_same_datagrams_at_the_same_times() =>
        Seeds.ForEach(20, seed => Assert.Equal(RunStory(seed), RunStory(seed)));

    [Fact]
    public void Different_seeds_give_different_runs() => Assert.NotEqual(RunStory(1), RunStory(2));

    /// <summary>One story.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="choose">Changes the two profiles that were drawn by chance.</param>
    /// <param name="afterStep">Called after each step of the two nodes.</param>
    /// <returns>The trace of all datagrams.</returns>
    internal static ulong RunStory(
        ulong seed, Func<PeerProfile, PeerProfile, (PeerProfile Lns, PeerProfile Lac)>? choose = null, Action<Node, Node>? afterStep = null)
    {
        var draw = new SeededRandom(seed);
        var simulation = new Network.Simulation(seed ^ 0x5EED, Link.Random(draw, MostLoss));
        var (lnsPeer, lacPeer) = Configurations.RandomPeers(draw);
        if (choose is not null)
            (lnsPeer, lacPeer) = choose(lnsPeer, lacPeer);
        var lns = new Node(simulation, Configurations.LnsAddress, Configurations.Lns(lnsPeer));
        var lac = new Node(simulation, Configurations.LacAddress,
            Configurations.Lac() with { Tunnels = Configurations.RandomTunnels(draw, lacPeer) });
        simulation.AfterStep = () =>
        {
            afterStep?.Invoke(lns, lac);
            Invariants.Check(simulation);
        };

        lns.Start();
        lac.Start();
        Trouble(simulation, lns, lac, draw);
        Heal(simulation, lns, lac);
        ExpectEverythingUp(simulation, lns, lac);
        ExpectCleanEnd(simulation, lns, lac);
        return simulation.Trace;
    }

    private static void Trouble(Network.Simulation simulation, Node lns, Node lac, SeededRandom draw)
    {
        lns.World.PppFailure = lac.World.PppFailure = draw.Chance(0.3) ? 0.3 : 0;
        lns.World.DataPlaneFailure = lac.World.DataPlaneFailure = draw.Chance(0.2) ? 0.2 : 0;
        for (var i = 0; i < 1 + draw.Below(5); i++)
        {
            simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(60_000)));
            var victim = draw.Chance(0.5) ? lns : lac;
            switch (draw.Below(5))
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
                    CloseSomething(victim, draw);
                    break;
            }
        }
    }

    private static void CloseSomething(Node node, SeededRandom draw)
    {
        var tunnels = node.Engine.Tunnels.ToArray();
        if (tunnels.Length == 0)
            return;
        var tunnel = tunnels[draw.Below(tunnels.Length)];
        var sessions = tunnel.Sessions.Values.ToArray();
        if (sessions.Length > 0 && draw.Chance(0.7))
            node.Tell(new CloseSession(sessions[draw.Below(sessions.Length)].Key, "the test"));
        else
            node.Tell(new CloseTunnel(tunnel.Key, "the test"));
    }

    private static void Heal(Network.Simulation simulation, Node lns, Node lac)
    {
        simulation.Link.Loss = 0;
        simulation.Link.Duplication = 0;
        simulation.Link.IsCut = false;
        foreach (var node in new[] { lns, lac })
            node.World.PppFailure = node.World.DataPlaneFailure = 0;
    }

    private static void ExpectEverythingUp(Network.Simulation simulation, Node lns, Node lac)
    {
        var configured = lac.Engine.Configuration.Tunnels.Sum(t => t.Sessions.Length);
        // Dead peers are found by HELLO and a full cycle of retransmissions; then the longest backoff, twice for tunnel and session.
        Assert.True(
            simulation.RunUntil(() => Agree(lns, lac, configured), TimeSpan.FromMinutes(15)),
            $"{lac.EstablishedSessions.Count()} of {configured} sessions up at the LAC, {lns.EstablishedSessions.Count()} at the LNS");
        simulation.RunFor(TimeSpan.FromMinutes(5));
        Assert.True(Agree(lns, lac, configured), "both ends have the same sessions, and they stay");
    }

    private static bool Agree(Node lns, Node lac, int configured)
    {
        var lacEnds = lac.EstablishedSessions.Select(s => (s.LocalId, s.PeerId)).ToHashSet();
        var lnsEnds = lns.EstablishedSessions.Select(s => (s.PeerId, s.LocalId)).ToHashSet();
        return lac.EstablishedSessions.Count() == configured
            && lac.World.Sessions.Count == configured
            && lns.EstablishedSessions.Count() == configured
            && lacEnds.SetEquals(lnsEnds);
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
            Assert.Empty(node.Engine.Tunnels);
            Assert.Empty(node.World.Tunnels);
            Assert.Empty(node.World.Sessions);
            Assert.Empty(node.World.Ppp);
            Assert.Empty(node.World.Transports);
            Assert.Equal(Instant.Never, node.Engine.NextDeadline);
        }
    }
}
