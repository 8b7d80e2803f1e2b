using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Simulation.Tests.Network;

namespace L2tpd.Simulation.Tests;

/// <summary>The same trouble as L2TPv2 has, for L2TPv3 and for every pair of preferences that have a version in common.</summary>
public sealed class VersionTests
{
    private const int SeedCount = 1000;

    private static readonly (ProtocolPreference Lns, ProtocolPreference Lac)[] Pairs =
    [
        (ProtocolPreference.V3, ProtocolPreference.V3),
        (ProtocolPreference.V3, ProtocolPreference.V3),
        (ProtocolPreference.Auto, ProtocolPreference.Auto),
        (ProtocolPreference.V2, ProtocolPreference.Auto),
        (ProtocolPreference.V3, ProtocolPreference.Auto),
        (ProtocolPreference.Auto, ProtocolPreference.V2),
        (ProtocolPreference.Auto, ProtocolPreference.V3),
    ];

    [Fact]
    public void Every_pair_comes_up_again_and_nothing_is_left_behind() => Seeds.ForEach(SeedCount, seed => RunStory(seed));

    /// <summary>The story of <see cref="LossyLinkTests"/> with the pair of versions that follows from the seed.</summary>
    internal static ulong RunStory(ulong seed, Action<Node, Node>? afterStep = null)
    {
        var draw = new SeededRandom(seed ^ 0x3333);
        var pair = Pairs[(int)(seed % (ulong)Pairs.Length)];
        return LossyLinkTests.RunStory(seed, (lns, lac) =>
        {
            // L2TPv2 knows one secret only.
            var mayChange = pair is { Lns: not ProtocolPreference.V2, Lac: not ProtocolPreference.V2 };
            return (Choose(lns, pair.Lns, mayChange, draw), Choose(lac, pair.Lac, mayChange, draw));
        }, afterStep);
    }

    [Theory]
    [InlineData(ProtocolPreference.V3, ProtocolPreference.V3, ProtocolVersion.V3)]
    [InlineData(ProtocolPreference.Auto, ProtocolPreference.Auto, ProtocolVersion.V3)]
    [InlineData(ProtocolPreference.V2, ProtocolPreference.Auto, ProtocolVersion.V2)]
    [InlineData(ProtocolPreference.V3, ProtocolPreference.Auto, ProtocolVersion.V3)]
    [InlineData(ProtocolPreference.Auto, ProtocolPreference.V2, ProtocolVersion.V2)]
    [InlineData(ProtocolPreference.Auto, ProtocolPreference.V3, ProtocolVersion.V3)]
    public void The_highest_version_in_common_is_spoken(ProtocolPreference lns, ProtocolPreference lac, ProtocolVersion version) =>
        Seeds.ForEach(20, seed =>
        {
            var simulation = new Network.Simulation(seed, new Link());
            var responder = new Node(simulation, Configurations.LnsAddress, Configurations.Lns(Configurations.Peer("any") with { Protocol = lns }));
            var initiator = new Node(simulation, Configurations.LacAddress, Configurations.Lac(
                Configurations.Tunnel("t", Configurations.Peer("lns") with { Protocol = lac }, Configurations.Session("s"))));
            responder.Start();
            initiator.Start();

            Assert.True(simulation.RunUntil(() => initiator.World.Sessions.Count == 1, TimeSpan.FromSeconds(10)));
            Assert.Equal(version, Assert.Single(initiator.EstablishedTunnels).Version);
            Assert.Equal(version, Assert.Single(responder.EstablishedTunnels).Version);
            Assert.True(initiator.EstablishedTunnels.Single().IsAuthenticated);
        });

    [Fact]
    public void Both_ends_dial_each_other_and_all_sessions_come_up() => Seeds.ForEach(300, seed =>
    {
        var draw = new SeededRandom(seed);
        var pair = Pairs[(int)(seed % (ulong)Pairs.Length)];
        var simulation = new Network.Simulation(seed ^ 0x7777, Link.Random(draw, 0.2));
        var one = Dialling(simulation, Configurations.LnsAddress, Configurations.LacAddress, pair.Lns, (PeerIdentity)draw.Below(3));
        var other = Dialling(simulation, Configurations.LacAddress, Configurations.LnsAddress, pair.Lac, (PeerIdentity)draw.Below(3));
        simulation.AfterStep = () => Invariants.Check(simulation);
        one.Start();
        other.Start();
        simulation.RunFor(TimeSpan.FromSeconds(draw.Below(60)));
        simulation.Link.Loss = simulation.Link.Duplication = 0;

        Assert.True(
            simulation.RunUntil(() => HasAll(one) && HasAll(other), TimeSpan.FromMinutes(15)),
            $"{pair}: {string.Join(' ', one.EstablishedSessions.Select(s => s.Name))} | {string.Join(' ', other.EstablishedSessions.Select(s => s.Name))}");

        one.Tell(new ShutDown());
        other.Tell(new ShutDown());
        simulation.RunFor(TimeSpan.FromMinutes(5));
        Assert.True(one.Engine.IsQuiet && other.Engine.IsQuiet);
        Assert.Equal(0, one.Engine.SessionCount + other.Engine.SessionCount);
    });

    private static bool HasAll(Node node) =>
        new[] { "t/s0", "t/s1" }.All(name => node.EstablishedSessions.Any(s => s.Name == name));

    private static Node Dialling(
        Network.Simulation simulation, string address, string remote, ProtocolPreference preference, PeerIdentity identity)
    {
        var peer = Configurations.Peer("any") with { Protocol = preference, Identity = identity };
        // Their names differ at the two ends: the same Remote End ID both ways would be one pseudowire.
        var sessions = Enumerable.Range(0, 2).Select(i => Configurations.Session($"s{i}") with { RemoteEndId = $"{address}-{i}" });
        var tunnel = Configurations.Tunnel("t", peer, [.. sessions]) with { Remotes = [new RemoteHost(remote)], SourcePort = Node.Port };
        return new Node(simulation, address, Configurations.Lac(tunnel) with { HostName = address, RouterId = address == Configurations.LnsAddress ? 1u : 2u, Peers = [peer] });
    }

    private static PeerProfile Choose(PeerProfile peer, ProtocolPreference preference, bool mayChange, SeededRandom draw) =>
        ChooseSecrets(peer, mayChange, draw) with
    {
        Protocol = preference,
        Digest = draw.Chance(0.5) ? DigestType.HmacMd5 : DigestType.HmacSha1,
        Authentication = peer.Secret is null && draw.Chance(0.5) ? MessageAuthentication.Integrity : null,
        Timers = peer.Timers with { MaxRetransmitsV3 = peer.Timers.MaxRetransmits },
        Session = peer.Session with
        {
            Pseudowire = new PseudowireProfile { CookieSize = 4 * draw.Below(3), Mtu = draw.Chance(0.3) ? (ushort)1400 : null },
        },
        Pseudowires = [PseudowireType.Ethernet, PseudowireType.Ppp],
    };

    /// <summary>A secret is being changed at one end or both: either may be the first.</summary>
    private static PeerProfile ChooseSecrets(PeerProfile peer, bool mayChange, SeededRandom draw)
    {
        if (peer.Secret is null || !draw.Chance(0.4))
            return peer;
        var another = "another"u8.ToArray();
        return mayChange && draw.Chance(0.5)
            ? peer with { Secret = another, SecondSecret = peer.Secret }
            : peer with { SecondSecret = another };
    }
}
