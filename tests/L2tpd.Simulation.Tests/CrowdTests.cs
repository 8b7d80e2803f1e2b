using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Simulation.Tests.Network;

namespace L2tpd.Simulation.Tests;

/// <summary>Many peers at one LNS: peers behind one address with the same ids, and peers during a flood.</summary>
public sealed class CrowdTests
{
    private const string NatAddress = "203.0.113.7";
    private const int Peers = 30;

    [Fact]
    public void Peers_behind_one_address_that_chose_the_same_tunnel_id_are_kept_apart() => Seeds.ForEach(20, seed =>
    {
        var simulation = new Network.Simulation(seed, new Link { MinDelay = 1, MaxDelay = 30 }) { Nat = new Nat(NatAddress) };
        var lns = new Node(simulation, Configurations.LnsAddress, Configurations.Lns());
        var lacs = Enumerable.Range(1, Peers).Select(i => Behind(simulation, i)).ToArray();
        lns.Start();
        foreach (var lac in lacs)
            lac.Start();
        Assert.True(simulation.RunUntil(() => AllUp(lns, lacs), TimeSpan.FromSeconds(30)));
        Assert.Single(lns.Engine.Tunnels.Select(t => t.PeerId).Distinct());
        Assert.Single(lns.Engine.Tunnels.Select(t => t.Path.Remote.WithoutPort).Distinct());

        // One of them ends: the others do not notice.
        lacs[3].Tell(new CloseTunnel(lacs[3].Engine.Tunnels.Single().Key, "the test"));
        var others = lns.Engine.Tunnels.Count - 1;
        simulation.RunFor(TimeSpan.FromMilliseconds(500));
        Assert.Equal(others, lns.EstablishedTunnels.Count());
        Assert.True(simulation.RunUntil(() => AllUp(lns, lacs), TimeSpan.FromSeconds(30)));

        // The device restarts and every peer has another port: messages from there for the old tunnels are dropped.
        simulation.Link.Loss = 0.2;
        simulation.Nat.Forget();
        Assert.True(simulation.RunUntil(() => lns.Engine.Counters.WrongSource > 0, TimeSpan.FromMinutes(2)), "HELLOs from the new ports");
        simulation.RunFor(TimeSpan.FromMinutes(5));
        simulation.Link.Loss = 0;
        Assert.True(simulation.RunUntil(() => AllUp(lns, lacs), TimeSpan.FromMinutes(10)));
        simulation.RunFor(TimeSpan.FromMinutes(3));
        Assert.True(AllUp(lns, lacs), "and they stay");
    });

    [Fact]
    public void In_a_flood_of_forged_SCCRQs_real_peers_come_up_and_those_that_are_up_stay() => Seeds.ForEach(2, seed =>
    {
        var simulation = new Network.Simulation(seed, new Link { MinDelay = 5, MaxDelay = 40, Loss = 0.05 });
        var limits = new EngineLimits { MaxHalfOpen = 4_096 };
        var lns = new Node(simulation, Configurations.LnsAddress, Configurations.Lns() with { Limits = limits });
        var early = Single(simulation, 1);
        var late = Enumerable.Range(2, 10).Select(i => Single(simulation, i)).ToArray();
        lns.Start();
        early.Start();
        Assert.True(simulation.RunUntil(() => AllUp(lns, early), TimeSpan.FromMinutes(2)));
        var before = early.EstablishedSessions.Single().Key;

        var end = simulation.Now + 70_000;
        Flood(simulation, end);
        simulation.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(lns.Engine.Configuration.Limits.MaxHalfOpen, lns.Engine.HalfOpenTunnels);
        foreach (var lac in late)
            lac.Start();
        Assert.True(
            simulation.RunUntil(() => late.All(lac => lac.World.Sessions.Count == 1), TimeSpan.FromSeconds(60)),
            $"{late.Count(lac => lac.World.Sessions.Count == 1)} of {late.Length} came up in the flood");
        Assert.True(simulation.Now < end, "the flood still goes on");
        Assert.Equal(before, early.EstablishedSessions.Single().Key);
        Assert.True(lns.Engine.Counters.HalfOpenLimited > 0);

        simulation.RunUntil(end);
        simulation.RunFor(TimeSpan.FromMinutes(3));
        Assert.Equal(0, lns.Engine.HalfOpenTunnels);
        Assert.True(AllUp(lns, [early, .. late]));
        Invariants.Check(simulation);
    });

    [Fact]
    public void All_of_a_hundred_come_back_after_the_LNS_restarted_and_none_is_left_over() => Seeds.ForEach(5, seed =>
    {
        var simulation = new Network.Simulation(seed, new Link { MinDelay = 1, MaxDelay = 100, Loss = 0.1 });
        var lns = new Node(simulation, Configurations.LnsAddress, Configurations.Lns());
        var lacs = Enumerable.Range(1, 100).Select(i => Single(simulation, i)).ToArray();
        lns.Start();
        foreach (var lac in lacs)
            lac.Start();
        Assert.True(simulation.RunUntil(() => AllUp(lns, lacs), TimeSpan.FromMinutes(5)));
        lns.Crash();
        simulation.RunFor(TimeSpan.FromSeconds(10));
        lns.Restart();
        // Found by HELLO after 60 s and a cycle of 31 s; then the first waits.
        Assert.True(simulation.RunUntil(() => AllUp(lns, lacs), TimeSpan.FromMinutes(6)));
        simulation.Link.IsCut = true;
        simulation.RunFor(TimeSpan.FromMinutes(5));
        Assert.Empty(lns.Engine.Tunnels);
        Assert.Empty(lns.World.Tunnels);
        simulation.Link.IsCut = false;
        Assert.True(simulation.RunUntil(() => AllUp(lns, lacs), TimeSpan.FromMinutes(6)));
        Invariants.Check(simulation);
    });

    /// <summary>All behind the NAT have the same choices: the same tunnel id, session ids and tie breaker.</summary>
    private static Node Behind(Network.Simulation simulation, int number) =>
        new(simulation, $"10.0.0.{number}", Dialling(number), seed: 42);

    private static Node Single(Network.Simulation simulation, int number) =>
        new(simulation, $"198.51.100.{number}", Dialling(number));

    private static EngineConfiguration Dialling(int number) => Configurations.Lac(
        Configurations.Tunnel("t", Configurations.Peer("lns"), Configurations.Session("s"))) with { HostName = $"lac-{number}" };

    private static bool AllUp(Node lns, params Node[] lacs)
    {
        var atLns = lns.EstablishedSessions.Select(s => (s.Tunnel.PeerIntroduction!.HostName, s.PeerId, s.LocalId)).ToHashSet();
        return lns.World.Sessions.Count == lacs.Length && lns.EstablishedSessions.Count() == lacs.Length
            && lacs.All(lac => lac.World.Sessions.Count == 1 && lac.EstablishedSessions.All(s =>
                atLns.Contains((lac.Engine.Configuration.HostName, s.LocalId, s.PeerId))));
    }

    /// <summary>2,000 per second, each from another source that receives no answer.</summary>
    private static void Flood(Network.Simulation simulation, long end)
    {
        var bytes = new byte[MessageCodec.MaxMessageSize];
        var source = (uint)(100 << 24);
        var lns = Endpoint.From(IPAddress.Parse(Configurations.LnsAddress), Node.Port);
        simulation.After(1, Burst);

        void Burst()
        {
            for (var i = 0; i < 2; i++)
            {
                var length = MessageCodec.Encode(
                    new Sccrq
                    {
                        HostName = "forged",
                        AssignedTunnelId = new(1 + (source & 0xffff) % 65_535),
                        FramingCapabilities = FramingTypes.Synchronous,
                    },
                    ProtocolVersion.V2, TunnelId.None, default, bytes);
                simulation.Transmit(new Endpoint(source++, 1701, false), lns, bytes[..length]);
            }

            if (simulation.Now < end)
                simulation.After(1, Burst);
        }
    }
}
