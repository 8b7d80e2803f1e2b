using System.Net;
using System.Text;
using System.Text.Json;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol.Avps;
using L2tpd.Simulation.Tests.Network;

namespace L2tpd.Simulation.Tests;

/// <summary>Snapshots of static tunnels, on another clock, and with another configuration.</summary>
public sealed class RestoreTests
{
    [Fact]
    public void Static_tunnels_stay_and_find_a_silent_peer_although_engines_are_replaced() => Seeds.ForEach(50, seed =>
    {
        var draw = new SeededRandom(seed);
        var simulation = new Network.Simulation(seed, new Link { MaxDelay = 20 });
        var one = new Node(simulation, Configurations.LnsAddress, Static(Configurations.LacAddress, 1, 2));
        var other = new Node(simulation, Configurations.LacAddress, Static(Configurations.LnsAddress, 2, 1));
        simulation.AfterStep = () =>
        {
            foreach (var node in new[] { one, other }.Where(_ => draw.Chance(0.2)))
                node.ReplaceEngine();
            Invariants.Check(simulation);
        };
        one.Start();
        other.Start();
        simulation.RunFor(TimeSpan.FromMinutes(2));
        Assert.Equal(2, one.World.Sessions.Count);
        Assert.False(one.Engine.Tunnels.Single().IsPeerSilent);
        var key = one.Engine.Tunnels.Single().Key;

        simulation.Link.IsCut = true;
        simulation.RunFor(TimeSpan.FromMinutes(2));
        Assert.True(one.Engine.Tunnels.Single().IsPeerSilent);
        simulation.Link.IsCut = false;
        simulation.RunFor(TimeSpan.FromMinutes(2));
        Assert.False(one.Engine.Tunnels.Single().IsPeerSilent);
        Assert.Equal(key, one.Engine.Tunnels.Single().Key);

        one.Tell(new CloseSession(one.EstablishedSessions.First().Key, "the test"));
        Assert.Single(one.World.Sessions);
        Assert.True(simulation.RunUntil(() => one.World.Sessions.Count == 2, TimeSpan.FromMinutes(1)), "the session is set up again");
    });

    [Fact]
    public void The_clock_of_the_next_process_may_count_from_elsewhere() => Seeds.ForEach(100, seed =>
    {
        var (simulation, lns, lac) = InTheMiddle(seed);
        foreach (var node in new[] { lns, lac })
        {
            var json = node.Engine.Snapshot(new(simulation.Now)).ToJson();
            const long another = 1_000_000_000_000;
            var restored = L2tpEngine.Restore(EngineSnapshot.FromJson(json), node.Engine.Configuration, new SeededRandom(seed),
                new(another));
            Assert.Equal(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString(restored.Snapshot(new(another)).ToJson()));
            Assert.True(
                restored.NextDeadline.Milliseconds > another - 1000, "no deadline is on the former clock");
        }
    });

    [Fact]
    public void What_is_no_longer_configured_is_not_restored() => Seeds.ForEach(20, seed =>
    {
        var (simulation, lns, lac) = InTheMiddle(seed);
        foreach (var node in new[] { lns, lac })
        {
            var snapshot = node.Engine.Snapshot(new(simulation.Now));
            var configuration = node.Engine.Configuration with { Tunnels = [], Peers = [] };
            var restored = L2tpEngine.Restore(snapshot, configuration, new SeededRandom(seed), new(simulation.Now));
            Assert.Empty(restored.Tunnels);
            Assert.Equal(0, restored.SessionCount);
            Assert.All(snapshot.Tunnels, tunnel => Assert.Null(restored.FindTunnel(tunnel.Key)));
            Assert.Equal(Instant.Never, restored.NextDeadline);
        }
    });

    [Fact]
    public void A_session_that_is_no_longer_configured_is_not_restored_and_its_tunnel_goes_on() => Seeds.ForEach(50, seed =>
    {
        var (simulation, lns, lac) = InTheMiddle(seed);
        var configuration = lac.Engine.Configuration;
        var without = configuration with { Tunnels = [.. configuration.Tunnels.Select(static tunnel => tunnel with { Sessions = [] })] };
        var tunnels = lac.Engine.Tunnels.Select(static tunnel => tunnel.Key).ToArray();
        lac.ReplaceEngine(without);
        Assert.Equal(0, lac.Engine.SessionCount);
        Assert.Equal(tunnels, lac.Engine.Tunnels.Select(static tunnel => tunnel.Key));

        // Replies to what the former engine asked for come to the new one.
        simulation.Link.Loss = 0;
        simulation.RunFor(TimeSpan.FromMinutes(3));
        Assert.NotEmpty(lac.EstablishedTunnels);
        Assert.Empty(lac.EstablishedSessions);
    });

    [Fact]
    public void A_tunnel_that_is_new_in_the_configuration_is_dialled_after_a_reload() => Seeds.ForEach(20, seed =>
    {
        var (simulation, _, lac) = InTheMiddle(seed);
        var configuration = lac.Engine.Configuration;
        var added = Configurations.Tunnel("added", configuration.Tunnels[0].Peer, Configurations.Session("s"));
        var changed = configuration with { Tunnels = [.. configuration.Tunnels, added] };
        lac.ReplaceEngine();
        lac.Tell(new Reconfigure(changed));
        simulation.Link.Loss = 0;
        Assert.True(simulation.RunUntil(
            () => lac.EstablishedSessions.Any(static session => session.Name == "added/s"), TimeSpan.FromMinutes(5)));
    });

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"Format":2,"Generation":1,"TunnelIds":{"Key":1,"IsWide":false,"Count":0}}""")]
    [InlineData("""{"Format":1,"Generation":1,"TunnelIds":{"Key":1,"IsWide":false,"Count":0},"Unknown":1}""")]
    public void What_is_no_snapshot_of_this_format_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => EngineSnapshot.FromJson(Encoding.UTF8.GetBytes(json)));

    private static (Network.Simulation Simulation, Node Lns, Node Lac) InTheMiddle(ulong seed)
    {
        var draw = new SeededRandom(seed);
        var simulation = new Network.Simulation(seed, Link.Random(draw, 0.3));
        var (lnsPeer, lacPeer) = Configurations.RandomPeers(draw);
        var version = (ProtocolPreference)(seed % 3);
        var lns = new Node(simulation, Configurations.LnsAddress, Configurations.Lns(lnsPeer with { Protocol = version }));
        var lac = new Node(
            simulation, Configurations.LacAddress,
            Configurations.Lac() with { Tunnels = Configurations.RandomTunnels(draw, lacPeer with { Protocol = version }) });
        lns.Start();
        lac.Start();
        simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(10_000)));
        return (simulation, lns, lac);
    }

    private static EngineConfiguration Static(string remote, uint id, uint peerId) => new()
    {
        HostName = "static.example",
        StaticTunnels =
        [
            new StaticTunnel
            {
                Name = "s",
                Remote = Endpoint.From(IPAddress.Parse(remote), Node.Port),
                LocalPort = Node.Port,
                TunnelId = new(id),
                PeerTunnelId = new(peerId),
                Keepalive = new StaticKeepaliveSettings(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), 3),
                Sessions = [Session("a", id, peerId, 100), Session("b", id, peerId, 200)],
            },
        ],
    };

    private static StaticSession Session(string name, uint id, uint peerId, uint number) => new()
    {
        Name = name,
        SessionId = new(number + id),
        PeerSessionId = new(number + peerId),
        Session = new SessionProfile { Pseudowire = new PseudowireProfile { Type = PseudowireType.Ethernet } },
    };
}
