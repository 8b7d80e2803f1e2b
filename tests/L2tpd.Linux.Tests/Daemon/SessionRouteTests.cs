namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Routes of dialled sessions: none of them may lead the tunnel into itself, and the former default route returns however the daemon ends.
/// </summary>
public sealed class SessionRouteTests
{
    private const string Lns = "198.18.0.1";
    private const string Uplink = "default via 192.0.2.2 metric 100";

    [Fact]
    public void A_peer_address_that_is_the_tunnels_own_does_not_take_the_tunnel()
    {
        using var pair = World(Uplink);
        using var lns = DaemonProcess.Start(Server($"local: {Lns}, pool: 10.99.0.10-10.99.0.20"), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client(""), networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        Assert.Contains($"{Lns} is also its tunnel's address", lac.Output, StringComparison.Ordinal);
        Assert.Contains("via 192.0.2.2 dev link0", WayTo(pair, Lns), StringComparison.Ordinal);
        // Longer than it takes to detect a peer that HELLOs do not reach.
        Thread.Sleep(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain("is down", lac.Output, StringComparison.Ordinal);
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        Assert.DoesNotContain("proto 115", Routes(pair), StringComparison.Ordinal);
    }

    [Fact]
    public void The_guard_stays_before_the_peers_route_when_the_uplink_is_another()
    {
        using var pair = World(Uplink);
        NamespacePair.Run($"ip -n {pair.Second} addr add 192.0.2.3/24 dev link0");
        using var lns = DaemonProcess.Start(Server($"local: {Lns}, pool: 10.99.0.10-10.99.0.20"), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client(", default-route: true"), networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        Assert.Contains("via 192.0.2.2 dev link0", WayTo(pair, Lns), StringComparison.Ordinal);
        NamespacePair.Run($"ip -n {pair.First} route add default via 192.0.2.3 metric 50");
        lac.WaitUntil(() => WayTo(pair, Lns).Contains("via 192.0.2.3 dev link0", StringComparison.Ordinal), "the guard to follow");
        Assert.Equal(1, Routes(pair).Split('\n').Count(line => line.Contains("proto 115", StringComparison.Ordinal)));
    }

    [Fact]
    public void Our_own_address_that_is_the_tunnels_other_end_is_refused_in_words()
    {
        using var pair = World(Uplink);
        using var lns = DaemonProcess.Start(Server($"local: 10.99.0.1, pool: {Lns}-{Lns}"), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client(""), networkNamespace: pair.First);
        lac.WaitFor($"the PPP address {Lns} that we got is the address of the tunnel's other end");
        Assert.DoesNotContain("network is up", lac.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Lns, NamespacePair.Run($"ip -n {pair.First} addr"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_of_somebody_elses_that_leads_the_tunnel_into_itself_is_named_and_the_tunnel_guarded()
    {
        using var pair = World(Uplink);
        using var lns = DaemonProcess.Start(Server("local: 10.99.0.1, pool: 10.99.0.10-10.99.0.20"), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client(""), networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        Assert.DoesNotContain("proto 115", Routes(pair), StringComparison.Ordinal);
        NamespacePair.Run($"ip -n {pair.First} route add 198.18.0.0/15 dev ppp0");
        lac.WaitFor($"The route 198.18.0.0/15 by interface");
        lac.WaitUntil(() => WayTo(pair, Lns).Contains("via 192.0.2.2 dev link0", StringComparison.Ordinal), "the guard");
        Thread.Sleep(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain("is down", lac.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_is_named_at_once_by_the_packet_that_makes_it()
    {
        using var pair = World(Uplink);
        using var lns = DaemonProcess.Start(Server("local: 10.99.0.1, pool: 10.99.0.10-10.99.0.20"), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client(", default-route: true"), networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        NamespacePair.Run($"ip -n {pair.First} link set link0 down");
        lac.WaitFor($"packets of the tunnel to {Lns}:1701 were routed into this session");
    }

    [Theory]
    [InlineData(15)]
    [InlineData(9)]
    public void A_default_route_that_replaces_another_gives_way_to_it_again(int signal)
    {
        const string uplink = "default via 192.0.2.2";
        using var pair = World(uplink);
        using var lns = DaemonProcess.Start(Server("local: 10.99.0.1, pool: 10.99.0.10-10.99.0.20"), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client(", default-route: { replace: true }"), networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        foreach (var anywhere in new[] { "9.9.9.9", "203.0.113.1" })
            Assert.Contains("dev ppp0", WayTo(pair, anywhere), StringComparison.Ordinal);
        Assert.Contains("via 192.0.2.2 dev link0", WayTo(pair, Lns), StringComparison.Ordinal);
        NamespacePair.Ping(pair.First, "10.99.0.1");
        lac.Signal(signal);
        lac.WaitForExit();
        foreach (var anywhere in new[] { "9.9.9.9", "203.0.113.1" })
            Assert.Contains("via 192.0.2.2 dev link0", WayTo(pair, anywhere), StringComparison.Ordinal);
        Assert.Contains(uplink, Routes(pair), StringComparison.Ordinal);
        Assert.DoesNotContain("ppp0", Routes(pair), StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_route_has_the_metric_configured_and_one_in_the_way_is_told_with_the_remedy()
    {
        using var pair = World(Uplink);
        using var lns = DaemonProcess.Start(Server("local: 10.99.0.1, pool: 10.99.0.10-10.99.0.20"), networkNamespace: pair.Second);
        using (var lac = DaemonProcess.Start(Client(", default-route: { metric: 50 }"), networkNamespace: pair.First))
        {
            lac.WaitFor("network is up on ppp0");
            Assert.Contains("default dev ppp0 proto static scope link metric 50", Routes(pair), StringComparison.Ordinal);
            Assert.Contains("dev ppp0", WayTo(pair, "9.9.9.9"), StringComparison.Ordinal);
            lac.Signal(DaemonProcess.Term);
            lac.WaitForExit();
        }

        using var second = DaemonProcess.Start(Client(", default-route: { metric: 100 }"), networkNamespace: pair.First);
        second.WaitFor("network is up on ppp0");
        Assert.Contains("`default-route: { replace: true }`", second.WaitFor("cannot add the default route through the session"),
            StringComparison.Ordinal);
    }

    private static NamespacePair World(string uplink)
    {
        var pair = new NamespacePair();
        NamespacePair.Run($"ip -n {pair.Second} addr add {Lns}/32 dev lo; ip -n {pair.First} route add {uplink}");
        return pair;
    }

    private static string WayTo(NamespacePair pair, string address) => NamespacePair.Run($"ip -n {pair.First} route get {address} || true");

    private static string Routes(NamespacePair pair) => NamespacePair.Run($"ip -n {pair.First} route");

    private static string Server(string addresses) =>
        "data-plane: userspace\nlog: { level: information, format: console }\nlisten: 0.0.0.0:1701\npeers: { any: { secret: test, "
            + "lns: { ppp: "
        + $"{{ backend: built-in, auth: chap, {addresses}, interface: {{ shared: ppptest0 }}, users: {{ test: {{ password: test }} }} "
            + $"}} }} }} }}\n";

    private static string Client(string ppp) =>
        "data-plane: userspace\nlog: { level: information, format: console }\ntimers: { hello-interval: 1s, retransmit-initial: 0.5s, "
            + "retransmit-cap: 1s, max-retransmits: 2 }\n"
        + $"tunnels: {{ t: {{ lns: {Lns}, secret: test, sessions: {{ s: {{ ppp: {{ backend: built-in, user: test, password: test{ppp} }} "
            + $"}} }} }} }}\n";
}
