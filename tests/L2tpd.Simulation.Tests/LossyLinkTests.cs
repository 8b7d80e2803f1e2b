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
        var link = Link.Random(draw, MostLoss);
        var (lnsPeer, lacPeer) = Configurations.RandomPeers(draw);
        if (choose is not null)
            (lnsPeer, lacPeer) = choose(lnsPeer, lacPeer);
        var lac = Configurations.Lac() with { Tunnels = Configurations.RandomTunnels(draw, lacPeer) };
        var hosts = new HostPair(seed, link, Configurations.Lns(lnsPeer), lac, afterStep);
        hosts.Start();
        hosts.Trouble(draw, (1, 5), 5, (kind, victim) =>
        {
            if (kind == 2)
                CloseSomething(victim, draw);
        });
        hosts.Heal();
        hosts.ExpectEverythingUp(static world => world.Sessions.Count);
        hosts.ExpectCleanEnd();
        return hosts.Simulation.Trace;
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
}
