using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Simulation.Tests.Network;

namespace L2tpd.Simulation.Tests;

/// <summary>
/// Engines that are replaced by what is restored from their snapshots, at moments drawn by chance: the conversations go on. Each replacement also
/// checks that the snapshot of the restored engine is the same to the octet (<see cref="Node.ReplaceEngine"/>).
/// </summary>
public sealed class SnapshotTests
{
    private const int SeedCount = 100;

    [Fact]
    public void Everything_comes_up_and_ends_although_engines_are_replaced_at_any_moment() =>
        Seeds.ForEach(SeedCount, seed => LossyLinkTests.RunStory(seed, afterStep: Replacing(seed)));

    [Fact]
    public void Every_pair_of_versions_goes_on_although_engines_are_replaced_at_any_moment() =>
        Seeds.ForEach(SeedCount, seed => VersionTests.RunStory(seed, Replacing(seed)));

    /// <summary>
    /// The seeds are the same in each run: an end that has two things to send in one millisecond may send them in either order, and some seeds lead there.
    /// </summary>
    [Fact]
    public void The_datagrams_of_an_initiator_that_is_replaced_are_those_of_one_that_is_not()
    {
        for (var seed = 1ul; seed <= 300; seed++)
        {
            var draw = new SeededRandom(~seed);
            var replacements = 0;
            var undisturbed = TraceOfOneSession(seed, static _ => { });
            var disturbed = TraceOfOneSession(seed, lac => replacements += Replace(lac, draw, 0.3) ? 1 : 0);
            Assert.True(undisturbed == disturbed, $"seed {seed}: the datagrams differ");
            Assert.True(replacements > 0, $"seed {seed}: the engine is never replaced");
        }
    }

    [Fact]
    public void Every_datagram_goes_out_at_the_time_the_rules_say_although_engines_are_replaced() =>
        Seeds.ForEach(50, seed =>
        {
            var draw = new SeededRandom(~seed);
            TimerRuleTests.RunStory(seed, (lns, lac) =>
            {
                // A responder that loses what is half-open begins to count from 0 again.
                if (lns.Engine.HalfOpenTunnels == 0)
                    Replace(lns, draw, 0.3);
                Replace(lac, draw, 0.3);
            });
        });

    private static Action<Node, Node> Replacing(ulong seed)
    {
        var draw = new SeededRandom(~seed);
        return (lns, lac) =>
        {
            // What is half-open at the responder is lost, so it is replaced less often than such a handshake takes steps.
            Replace(lns, draw, 0.05);
            Replace(lac, draw, 0.3);
        };
    }

    /// <summary>A story of one tunnel with one session.</summary>
    private static ulong TraceOfOneSession(ulong seed, Action<Node> afterStep)
    {
        var draw = new SeededRandom(seed);
        var simulation = new Network.Simulation(seed ^ 0x5A4E, Link.Random(draw, 0.3));
        var peer = Configurations.Peer("any") with { Protocol = (ProtocolPreference)(seed % 3), HideAvps = draw.Chance(0.5) };
        var ppp = draw.Chance(0.5) ? "p" : null;
        var lns = new Node(simulation, Configurations.LnsAddress, Configurations.Lns(peer with { Session = new SessionProfile { Ppp = ppp } }));
        var lac = new Node(simulation, Configurations.LacAddress, Configurations.Lac(Configurations.Tunnel("t", peer, Configurations.Session("s", ppp))));
        simulation.AfterStep = () =>
        {
            afterStep(lac);
            Invariants.Check(simulation);
        };
        lns.Start();
        lac.Start();
        for (var i = 0; i < 5; i++)
        {
            simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(200_000)));
            if (draw.Chance(0.3) && lac.EstablishedSessions.FirstOrDefault() is { } session)
                lac.Tell(new CloseSession(session.Key, "the test"));
            simulation.Link.IsCut = true;
            simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(60_000)));
            simulation.Link.IsCut = false;
        }

        lac.Tell(new ShutDown());
        simulation.RunFor(TimeSpan.FromMinutes(3));
        return simulation.Trace;
    }

    private static bool Replace(Node node, SeededRandom draw, double probability)
    {
        var isReplaced = draw.Chance(probability) && !node.IsDown;
        if (isReplaced)
            node.ReplaceEngine();
        return isReplaced;
    }
}
