using L2tpd.Simulation.Tests.Network;

namespace L2tpd.Simulation.Tests;

/// <summary>
/// Engines that are replaced by what is restored from their snapshots, at moments drawn by chance: the conversations go on. Each replacement also
/// checks that the snapshot of the restored engine is the same to the octet (<see cref="Node.ReplaceEngine"/>).
/// </summary>
public sealed class SnapshotTests
{
    private const int SeedCount = 300;

    [Fact]
    public void Everything_comes_up_and_ends_although_engines_are_replaced_at_any_moment() =>
        Seeds.ForEach(SeedCount, seed => LossyLinkTests.RunStory(seed, afterStep: Replacing(seed)));

    [Fact]
    public void Every_pair_of_versions_goes_on_although_engines_are_replaced_at_any_moment() =>
        Seeds.ForEach(SeedCount, seed => VersionTests.RunStory(seed, Replacing(seed)));

    [Fact]
    public void The_datagrams_of_an_initiator_that_is_replaced_are_those_of_one_that_is_not() => Seeds.ForEach(SeedCount, seed =>
    {
        var draw = new SeededRandom(~seed);
        Assert.Equal(LossyLinkTests.RunStory(seed), LossyLinkTests.RunStory(seed, afterStep: (_, lac) => Replace(lac, draw)));
        Assert.Equal(VersionTests.RunStory(seed), VersionTests.RunStory(seed, (_, lac) => Replace(lac, draw)));
    });

    [Fact]
    public void Every_datagram_goes_out_at_the_time_the_rules_say_although_engines_are_replaced() =>
        Seeds.ForEach(100, seed => TimerRuleTests.RunStory(seed, Replacing(seed)));

    private static Action<Node, Node> Replacing(ulong seed)
    {
        var draw = new SeededRandom(~seed);
        return (lns, lac) =>
        {
            Replace(lns, draw);
            Replace(lac, draw);
        };
    }

    private static void Replace(Node node, SeededRandom draw)
    {
        if (draw.Chance(0.05))
            node.ReplaceEngine();
    }
}
