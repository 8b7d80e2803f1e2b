using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Simulation.Tests.Network;

namespace L2tpd.Simulation.Tests;

/// <summary>The times of RFC 2661 section 5.8, observed on a bad link: a window of one, loss and partitions.</summary>
public sealed class TimerRuleTests
{
    [Fact]
    public void Every_datagram_goes_out_at_the_time_the_rules_say()
    {
        var (retransmissions, hellos, exhausted) = (0, 0, 0);
        Seeds.ForEach(200, seed =>
        {
            var rules = RunStory(seed);
            retransmissions += rules.Retransmissions;
            hellos += rules.Hellos;
            exhausted += rules.Exhausted;
        });

        // One replayed seed need not see everything; a block of them does.
        if (!Seeds.IsReplay)
            Assert.True(retransmissions > 1000 && hellos > 1000 && exhausted > 50, $"{retransmissions} {hellos} {exhausted}");
    }

    internal static TimerRules RunStory(ulong seed, Action<Node, Node>? afterStep = null)
    {
        var draw = new SeededRandom(seed);
        var simulation = new Network.Simulation(seed ^ 0x7173, Link.Random(draw, 0.3));
        var peer = Configurations.Peer("any") with { ReceiveWindow = 1 };
        var lns = new Node(simulation, Configurations.LnsAddress, Configurations.Lns(peer));
        var sessions = Enumerable.Range(0, 1 + draw.Below(8)).Select(i => Configurations.Session($"s{i}"));
        var lac = new Node(simulation, Configurations.LacAddress, Configurations.Lac(Configurations.Tunnel("t", peer, [.. sessions])));
        simulation.AfterStep = () =>
        {
            afterStep?.Invoke(lns, lac);
            Invariants.Check(simulation);
        };
        var rules = new TimerRules(simulation);
        lns.Start();
        lac.Start();
        for (var i = 0; i < 4; i++)
        {
            simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(400_000)));
            simulation.Link.IsCut = true;
            simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(i == 3 ? 200_000 : 25_000)));
            simulation.Link.IsCut = false;
        }

        simulation.Link.Loss = 0;
        var configured = lac.Engine.Configuration.Tunnels[0].Sessions.Length;
        Assert.True(simulation.RunUntil(() => lac.World.Sessions.Count == configured, TimeSpan.FromMinutes(10)));
        lac.Tell(new ShutDown());
        simulation.RunFor(TimeSpan.FromMinutes(3));
        return rules;
    }
}
