namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// A client with a default route through its session, whose uplink disappears and returns: the tunnel's packets never take that route for
/// longer than a moment.
/// </summary>
public sealed class RouteGuardTests
{
    private const string Lns = "198.18.0.1";

    [Theory]
    [InlineData("default dev link0 metric 100")]
    [InlineData("default via 192.0.2.2 metric 100")]
    [InlineData("default via 192.0.2.2 dev link0 metric 100 src 192.0.2.50")]
    public void The_guard_comes_back_with_the_uplink_and_goes_with_the_session(string uplink)
    {
        using var pair = World(uplink);
        using var lns = DaemonProcess.Start(UserspacePppTests.Example(), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client($"t: {Tunnel(Lns)}"), networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        Assert.Contains("default dev ppp0", Routes(pair), StringComparison.Ordinal);
        var before = WayTo(pair, Lns);
        Assert.Contains("dev link0", before, StringComparison.Ordinal);
        NamespacePair.Ping(pair.First, "10.99.0.1");
        NamespacePair.Run($"ip -n {pair.First} link set link0 down");
        Assert.Contains("dev ppp0", WayTo(pair, Lns), StringComparison.Ordinal);
        // The packets that the tunnel sends now come back to the daemon and are dropped there.
        Thread.Sleep(300);
        NamespacePair.Run($"ip -n {pair.First} link set link0 up; ip -n {pair.First} route add {uplink}");
        lac.WaitUntil(() => WayTo(pair, Lns) == before, "the guard to be there again");
        NamespacePair.Ping(pair.First, "10.99.0.1");
        Assert.Single(lac.Lines, line => line.Contains("network is up", StringComparison.Ordinal));
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        Assert.DoesNotContain("Internal error", lac.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("proto 115", Routes(pair), StringComparison.Ordinal);
        Assert.DoesNotContain("ppp0", Routes(pair), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_tunnels_follow_to_another_uplink_and_back()
    {
        using var pair = World("default via 192.0.2.2 metric 100");
        NamespacePair.Run($"ip link add link1 netns {pair.First} type veth peer name link1 netns {pair.Second}; ip -n {pair.Second} addr "
            + "add 198.18.0.2/32 dev lo");
        NamespacePair.Run($"ip -n {pair.First} addr add 192.0.3.1/24 dev link1; ip -n {pair.Second} addr add 192.0.3.2/24 dev link1; ip "
            + $"-n {pair.First} link set link1 up; ip -n {pair.Second} link set link1 up");
        NamespacePair.Run($"ip -n {pair.First} route add default via 192.0.3.2 metric 200");
        using var lns = DaemonProcess.Start(UserspacePppTests.Example(), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client($"t: {Tunnel(Lns)}, u: {Tunnel("198.18.0.2")}"), networkNamespace: pair.First);
        lac.WaitUntil(() => lac.Lines.Count(line => line.Contains("network is up")) == 2, "both sessions to be up");
        BothBy("dev link0");
        NamespacePair.Run($"ip -n {pair.First} link set link0 down");
        BothBy("via 192.0.3.2 dev link1");
        NamespacePair.Run($"ip -n {pair.First} link set link0 up; ip -n {pair.First} route add default via 192.0.2.2 metric 100");
        BothBy("via 192.0.2.2 dev link0");
        // The operator removes our routes.
        NamespacePair.Run($"ip -n {pair.First} route flush proto 115");
        BothBy("via 192.0.2.2 dev link0");
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        Assert.DoesNotContain("proto 115", Routes(pair), StringComparison.Ordinal);

        void BothBy(string way) => lac.WaitUntil(
            () => WayTo(pair, Lns).Contains(way, StringComparison.Ordinal)
                && WayTo(pair, "198.18.0.2").Contains(way, StringComparison.Ordinal), $"both tunnels to go {way}");
    }

    [Fact]
    public void What_a_killed_daemon_left_leads_where_the_uplink_does_and_goes_with_the_next_start()
    {
        using var pair = World("default via 192.0.2.2 metric 100");
        using var lns = DaemonProcess.Start(UserspacePppTests.Example(), networkNamespace: pair.Second);
        using (var lac = DaemonProcess.Start(Client($"t: {Tunnel(Lns)}"), networkNamespace: pair.First))
        {
            lac.WaitFor("network is up on ppp0");
            lac.Signal(9);
            lac.WaitForExit();
        }

        var left = Routes(pair);
        Assert.DoesNotContain("ppp0", left, StringComparison.Ordinal);
        Assert.Contains($"{Lns} via 192.0.2.2 dev link0 proto 115", left, StringComparison.Ordinal);
        NamespacePair.Ping(pair.First, Lns);
        // Meanwhile the router is another one: the old route would not work.
        NamespacePair.Run($"ip -n {pair.First} route add default via 192.0.2.3 metric 50; ip -n {pair.First} route add 198.19.0.1 "
            + "via 192.0.2.2");
        using var next = DaemonProcess.Start("data-plane: userspace\nlisten: 127.0.0.1:1701\npeers: { any: { secret: s } }\n",
            networkNamespace: pair.First);
        next.WaitUntil(() => !Routes(pair).Contains("proto 115", StringComparison.Ordinal), "the leftover to go");
        Assert.Contains("198.19.0.1 via 192.0.2.2", Routes(pair), StringComparison.Ordinal);
        Assert.Contains("via 192.0.2.3", WayTo(pair, Lns), StringComparison.Ordinal);
    }

    [Fact]
    public void A_way_that_rules_give_is_kept_and_a_route_of_the_administrators_left_alone()
    {
        using var pair = World("default via 192.0.2.2 metric 100");
        NamespacePair.Run($"ip -n {pair.First} rule add to {Lns} lookup 77 pref 40000; ip -n {pair.First} route del default; ip -n "
            + $"{pair.First} route add default via 192.0.2.2 table 77");
        using var lns = DaemonProcess.Start(UserspacePppTests.Example(), networkNamespace: pair.Second);
        using (var lac = DaemonProcess.Start(Client($"t: {Tunnel(Lns)}"), networkNamespace: pair.First))
        {
            lac.WaitFor("network is up on ppp0");
            Assert.Contains("via 192.0.2.2 dev link0", WayTo(pair, Lns), StringComparison.Ordinal);
            Assert.Contains("proto 115", Routes(pair), StringComparison.Ordinal);
            lac.Signal(DaemonProcess.Term);
            Assert.Equal(0, lac.WaitForExit());
        }

        NamespacePair.Run($"ip -n {pair.First} route add {Lns} via 192.0.2.2");
        using var other = DaemonProcess.Start(Client($"t: {Tunnel(Lns)}"), networkNamespace: pair.First);
        other.WaitFor("network is up on ppp0");
        Assert.DoesNotContain("proto 115", Routes(pair), StringComparison.Ordinal);
        other.Signal(DaemonProcess.Term);
        Assert.Equal(0, other.WaitForExit());
        Assert.Contains($"{Lns} via 192.0.2.2", Routes(pair), StringComparison.Ordinal);
    }

    /// <summary>The default route of an advertisement has the metric 1024.</summary>
    [Theory]
    [InlineData(2_000)]
    [InlineData(1_024)]
    public void A_tunnel_over_IPv6_is_guarded_before_the_peer_advertises_a_default_route(int metric)
    {
        const string Far = "2001:db8:198::1";
        using var pair = new NamespacePair();
        NamespacePair.Run($"ip -n {pair.Second} addr add {Far}/128 dev lo nodad; ip -n {pair.Second} addr add 2001:db8:c::2/64 dev link0 "
            + $"nodad; ip -n {pair.Second} addr add 2001:db8:5::1/128 dev lo nodad");
        NamespacePair.Run($"ip -n {pair.First} addr add 2001:db8:c::1/64 dev link0 nodad");
        NamespacePair.Run($"ip -n {pair.First} route add default via 2001:db8:c::2 metric {metric}");
        using var lns = DaemonProcess.Start(Lns6, networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            Client($"t: {{ lns: \"[{Far}]:1701\", secret: test, sessions: {{ s: {{ ppp: {{ backend: built-in, user: test, "
                + "password: test, ipv6: router } } } }"), networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        lac.WaitUntil(() => Routes6(pair).Contains("default via fe80::", StringComparison.Ordinal), "the default route of the peer");
        Assert.Contains($"{Far} via 2001:db8:c::2 dev link0 proto 115", Routes6(pair), StringComparison.Ordinal);
        Assert.Contains("via 2001:db8:c::2 dev link0", WayTo(pair, Far), StringComparison.Ordinal);
        NamespacePair.Run($"ip netns exec {pair.First} ping -6 -q -n -c 3 -i 0.2 -W 2 2001:db8:5::1");
        Assert.DoesNotContain(lac.Lines, static line => line.Contains("into its own session", StringComparison.Ordinal));
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        Assert.DoesNotContain("proto 115", Routes6(pair), StringComparison.Ordinal);
        Assert.DoesNotContain("Internal error", lac.Output, StringComparison.Ordinal);
    }

    /// <summary>An LNS that is a router, with an address of its own for pings.</summary>
    private const string Lns6 = """
        data-plane: userspace
        listen: "[::]:1701"
        state-directory: {dir}
        log: { level: information, format: console }
        prefix-pools: { wan: { prefix: "2001:db8:f00::/48", length: 64 } }
        peers: { any: { secret: test, lns: { ppp: { backend: built-in, auth: chap, name: lns, local: 10.99.0.1, pool: 10.99.0.0/24,
          users: { test: { password: test } }, ipv6: router, ipv6-prefix-pool: wan } } } }

        """;

    private static string Routes6(NamespacePair pair) => NamespacePair.Run($"ip -n {pair.First} -6 route");

    /// <summary>The client in the first namespace with that uplink, and an LNS behind the second.</summary>
    private static NamespacePair World(string uplink)
    {
        var pair = new NamespacePair();
        NamespacePair.Run($"ip -n {pair.Second} addr add {Lns}/32 dev lo; ip -n {pair.First} addr add 192.0.2.50/24 dev link0; ip -n "
            + $"{pair.First} route add {uplink}");
        return pair;
    }

    private static string WayTo(NamespacePair pair, string address) => NamespacePair.Run($"ip -n {pair.First} route get {address} || true");

    private static string Routes(NamespacePair pair) => NamespacePair.Run($"ip -n {pair.First} route");

    private static string Tunnel(string lns) =>
        $"{{ lns: {lns}, secret: test, sessions: {{ s: {{ ppp: {{ backend: built-in, user: test, password: test, default-route: true "
            + $"}} }} }} }}";

    private static string Client(string tunnels) =>
        $"data-plane: userspace\nlog: {{ level: information, format: console }}\ntunnels: {{ {tunnels} }}\n";
}
