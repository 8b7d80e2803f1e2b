using L2tpd.Ppp;

namespace L2tpd.Simulation.Tests.Ppp;

/// <summary>Two endpoints over a link that loses, duplicates and reorders: they open, or end with a reason, and never hang.</summary>
public class PppLinkTests(ITestOutputHelper output)
{
    private const int SeedCount = 1_000;
    private const long OpenWithin = 300_000;

    public static TheoryData<AuthenticationProtocol, bool> Methods => new()
    {
        { AuthenticationProtocol.None, false },
        { AuthenticationProtocol.Pap, false },
        { AuthenticationProtocol.ChapMd5, false },
        { AuthenticationProtocol.MsChapV2, false },
        { AuthenticationProtocol.ChapMd5, true },
        { AuthenticationProtocol.MsChapV2, true },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public void Opens_or_ends_cleanly(AuthenticationProtocol method, bool mutual)
    {
        var (opened, count) = (0, 0);
        Seeds.ForEach((SeedCount / 6) + 1, seed =>
        {
            var random = new Random((int)seed);
            var faults = new LinkFaults(random.Next(30), random.Next(20), random.Next(200));
            opened += Converges(seed, method, mutual, faults) ? 1 : 0;
            count++;
        });
        output.WriteLine($"{method}: {opened} of {count} opened");
        Assert.True(Seeds.IsReplay || opened > count / 2, $"only {opened} of {count} opened");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Opens_always_on_a_clean_link(AuthenticationProtocol method, bool mutual) =>
        Seeds.ForEach(50, seed => Assert.True(Converges(seed, method, mutual, new LinkFaults(0, 0, 0))));

    [Fact]
    public void A_wrong_password_never_gets_a_network() => Seeds.ForEach(150, seed => Refused(seed));

    [Fact]
    public void The_death_of_either_end_is_noticed_and_leaves_no_lease() => Seeds.ForEach(150, seed => Dies(seed));

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_link_survives_restarts_of_both_ends_at_any_time(AuthenticationProtocol method, bool mutual)
    {
        var taken = 0;
        Seeds.ForEach(60, seed => taken += SurvivesRestarts(seed, method, mutual));
        output.WriteLine($"{method}: {taken} restarts");
        Assert.True(Seeds.IsReplay || taken > 300, $"only {taken} restarts");
    }

    private static int SurvivesRestarts(ulong seed, AuthenticationProtocol method, bool mutual)
    {
        var random = new Random((int)seed);
        var faults = seed % 2 == 0 ? new LinkFaults(0, 0, 0) : new LinkFaults(random.Next(10), random.Next(20), random.Next(100));
        var simulation = new PppSimulation(seed, Client(method, mutual), Server(method), faults, PppSimulation.Good);
        simulation.Open();
        var taken = 0;
        for (var i = 0; i < 20 && !IsOver(simulation); i++)
        {
            // At first while layers negotiate, then during echoes and repeated challenges.
            simulation.Run(simulation.Now + random.Next(i < 8 ? 30 : 12_000), () => IsOver(simulation));
            taken += random.Next(2) == 0 && simulation.HandOver(simulation.Client) ? 1 : 0;
            taken += random.Next(2) == 0 && simulation.HandOver(simulation.Server) ? 1 : 0;
        }

        Assert.True(seed % 2 != 0 || IsUp(simulation), "a clean link stays up: " + simulation.Describe());
        if (IsUp(simulation))
        {
            Assert.Equal(simulation.ServerSide.Ipv4!.Peer, simulation.ClientSide.Ipv4!.Local);
            Assert.Equal(simulation.ServerSide.Ipv6!.PeerIdentifier, simulation.ClientSide.Ipv6!.LocalIdentifier);
        }

        simulation.Client.Close(PppCloseCause.Administrative, "enough", simulation.Now, simulation);
        simulation.Run(simulation.Now + OpenWithin, () => IsOver(simulation));
        Assert.True(IsOver(simulation), "both ends end: " + simulation.Describe());
        Assert.Equal(0, simulation.Leases);
        return taken;
    }

    private static bool Converges(ulong seed, AuthenticationProtocol method, bool mutual, LinkFaults faults)
    {
        var simulation = new PppSimulation(seed, Client(method, mutual), Server(method), faults, PppSimulation.Good);
        simulation.Open();
        simulation.Run(OpenWithin, () => IsUp(simulation) || IsOver(simulation));
        var up = IsUp(simulation);
        if (!up && !IsOver(simulation))
        {
            // One network layer may run out of attempts; the other then carries the link.
            Assert.True(IsPartlyUp(simulation), "neither up nor over: " + simulation.Describe());
            simulation.Client.Close(PppCloseCause.Administrative, "half is not enough", simulation.Now, simulation);
        }

        if (up)
        {
            Assert.Equal(simulation.ServerSide.Ipv4!.Peer, simulation.ClientSide.Ipv4!.Local);
            Assert.Equal(simulation.ServerSide.Ipv4.Local, simulation.ClientSide.Ipv4.Peer);
            Assert.Equal("9.9.9.9", simulation.ClientSide.Ipv4.PrimaryDns.ToString());
            Assert.Equal(simulation.ServerSide.Ipv6!.PeerIdentifier, simulation.ClientSide.Ipv6!.LocalIdentifier);

            // Keepalives for a while, then the end of the link.
            simulation.Run(simulation.Now + 120_000, () => IsOver(simulation));
            simulation.Client.Close(PppCloseCause.Administrative, "enough", simulation.Now, simulation);
            simulation.CheckInvariants();
        }

        simulation.Run(simulation.Now + OpenWithin, () => IsOver(simulation));
        Assert.True(IsOver(simulation), "both ends end: " + simulation.Describe());
        simulation.Run(simulation.Now + 10_000, () => false);
        Assert.Equal(0, simulation.Leases);
        return up;
    }

    private static void Refused(ulong seed)
    {
        var method = (AuthenticationProtocol)(1 + (seed % 3));
        var random = new Random((int)seed);
        var faults = new LinkFaults(random.Next(20), random.Next(20), random.Next(100));
        var simulation = new PppSimulation(seed, Client(method, false), Server(method), faults, new PppCredentials("alice", "wrong"));
        simulation.Open();
        simulation.Run(OpenWithin, () => IsOver(simulation));
        Assert.True(IsOver(simulation));
        Assert.False(simulation.ServerSide.Verified);
        Assert.Equal(0, simulation.Leases);
    }

    private static void Dies(ulong seed)
    {
        var random = new Random((int)seed);
        var simulation = new PppSimulation(
            seed, Client(AuthenticationProtocol.ChapMd5, false), Server(AuthenticationProtocol.ChapMd5), new LinkFaults(0, 5, 50),
                PppSimulation.Good);
        simulation.Open();
        simulation.Run(random.Next(400), () => false);
        var dead = random.Next(2) == 0 ? simulation.Client : simulation.Server;
        dead.LowerLayerDown("the session is gone", simulation.Now, simulation);
        simulation.CheckInvariants();
        simulation.Run(simulation.Now + OpenWithin, () => IsOver(simulation));
        Assert.True(IsOver(simulation));
        simulation.Run(simulation.Now + 1_000, () => false);
        Assert.Equal(0, simulation.Leases);
    }

    private static PppProfile Client(AuthenticationProtocol method, bool mutual) => new()
    {
        RequireFromPeer = mutual ? [method] : [],
        Mru = 1400,
        EchoInterval = 10_000,
    };

    private static PppProfile Server(AuthenticationProtocol method) => new()
    {
        Server = true,
        RequireFromPeer = method == AuthenticationProtocol.None ? [] : [method],
        EchoInterval = 10_000,
        RechallengeInterval = 30_000,
        RequestAddressCompression = true,
        RequestProtocolCompression = true,
    };

    private static bool IsUp(PppSimulation s) =>
        s.ClientSide is { Ipv4: not null, Ipv6: not null } && s.ServerSide is { Ipv4: not null, Ipv6: not null };

    private static bool IsPartlyUp(PppSimulation s) =>
        s is { ClientSide.Ipv4: not null, ServerSide.Ipv4: not null } or { ClientSide.Ipv6: not null, ServerSide.Ipv6: not null };

    private static bool IsOver(PppSimulation s) => s.ClientSide.End is not null && s.ServerSide.End is not null;
}
