namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// PPP between two daemons in two network namespaces, all of it in userspace: subscribers behind one interface, a client with a default
/// route.
/// </summary>
public sealed class UserspacePppTests
{
    [Theory]
    [InlineData("chap")]
    [InlineData("mschap-v2")]
    [InlineData("pap")]
    public void The_example_serves_a_client(string method)
    {
        using var pair = World();
        using var lns = DaemonProcess.Start(Example(), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client("198.18.0.1", $"user: test, password: test, auth: {method}, ipv6: true, mtu: 1300"),
            networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0, we are 10.99.0.2");
        lns.WaitFor("network is up on ppptest0");
        NamespacePair.Ping(pair.First, "10.99.0.1");
        NamespacePair.Ping(pair.Second, "10.99.0.2", octets: 1_200);
        NamespacePair.Ping(pair.First, LinkLocalOf(pair.Second, "ppptest0") + "%ppp0");
        NamespacePair.Ping(pair.Second, LinkLocalOf(pair.First, "ppp0") + "%ppptest0");
        AssertSpoofedPacketsAreDropped(pair);
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        lns.WaitFor("PPP of test ended");
        lns.Signal(DaemonProcess.Term);
        Assert.Equal(0, lns.WaitForExit());
        Assert.Contains("with a wrong source", lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 with a wrong source", lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Internal error", lns.Output + lac.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ppp", NamespacePair.Run($"ip -n {pair.First} -o link; ip -n {pair.Second} -o link"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_password_is_told_to_both_ends()
    {
        using var pair = World();
        using var lns = DaemonProcess.Start(Example(), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client("198.18.0.1", "user: test, password: wrong"), networkNamespace: pair.First);
        Assert.Contains("PPP disconnect cause 16", lac.WaitFor("the peer sent CDN: result 3"), StringComparison.Ordinal);
        Assert.Contains("PPP disconnect cause 16", lns.WaitFor("the peer failed authentication: wrong secret"), StringComparison.Ordinal);
        Assert.DoesNotContain("network is up", lns.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_sessions_share_the_interface_and_need_none_at_the_client()
    {
        const int sessions = 40;
        using var pair = World();
        using var lns = DaemonProcess.Start(Example(), networkNamespace: pair.Second);
        var names = string.Join(", ", Enumerable.Range(0, sessions).Select(i => $"s{i}: {{ ppp: p }}"));
        using var lac = DaemonProcess.Start(
            $"data-plane: userspace\nlog: {{ level: information, format: console }}\nppp: {{ p: {{ backend: built-in, user: test, "
                + $"password: test, interface: none }} }}\n"
            + $"tunnels: {{ t: {{ lns: 198.18.0.1, secret: test, sessions: {{ {names} }} }} }}\n", networkNamespace: pair.First);
        lac.WaitUntil(() => lac.Lines.Count(line => line.Contains("network is up on none")) == sessions, "all sessions to be up");
        lns.WaitUntil(() => lns.Lines.Count(line => line.Contains("network is up on ppptest0")) == sessions,
            "all sessions to be up at the LNS");
        Assert.DoesNotContain("ppp", NamespacePair.Run($"ip -n {pair.First} -o link"), StringComparison.Ordinal);
        Assert.Equal(1, NamespacePair.Run($"ip -n {pair.Second} route").Split('\n').Count(line => line.Contains("ppptest0")));
    }

    [Fact]
    public void A_shared_interface_that_was_down_has_its_routes_again()
    {
        using var pair = World();
        using var lns = DaemonProcess.Start(Example(), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client("198.18.0.1", "user: test, password: test, ipv6: true, mtu: 1300"),
            networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0, we are 10.99.0.2");
        NamespacePair.Ping(pair.First, "10.99.0.1");
        var before = NamespacePair.Run($"ip -n {pair.Second} route show dev ppptest0; ip -n {pair.Second} -6 -o addr show dev "
            + "ppptest0 scope link");
        NamespacePair.Run($"ip -n {pair.Second} link set ppptest0 down; ip -n {pair.Second} link set ppptest0 up");
        lns.WaitFor("The shared interface ppptest0 is up again: 1 lost routes were restored");
        Assert.Equal(before, NamespacePair.Run(
            $"ip -n {pair.Second} route show dev ppptest0; ip -n {pair.Second} -6 -o addr show dev ppptest0 scope link"));
        NamespacePair.Ping(pair.First, "10.99.0.1");
        NamespacePair.Ping(pair.Second, "10.99.0.2");
        NamespacePair.Ping(pair.First, LinkLocalOf(pair.Second, "ppptest0") + "%ppp0");

        // If it stays down, it is left alone and that is logged.
        NamespacePair.Run($"ip -n {pair.Second} link set ppptest0 down");
        lns.WaitFor("The shared interface ppptest0 was set down from outside: its 1 sessions carry no data");
        Assert.DoesNotContain("UP", NamespacePair.Run($"ip -n {pair.Second} -o link show ppptest0").Split('>')[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_route_does_not_take_the_tunnel_itself()
    {
        using var pair = World();
        NamespacePair.Run($"ip -n {pair.First} route del 198.18.0.0/24; ip -n {pair.First} route add default via 192.0.2.2 metric 100");
        using var lns = DaemonProcess.Start(Example(), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client("198.18.0.1", "user: test, password: test, default-route: true"),
            networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        NamespacePair.Ping(pair.First, "10.99.0.1");
        var routes = NamespacePair.Run($"ip -n {pair.First} route");
        Assert.Contains("default dev ppp0", routes, StringComparison.Ordinal);
        Assert.Contains("198.18.0.1 via 192.0.2.2", routes, StringComparison.Ordinal);
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        routes = NamespacePair.Run($"ip -n {pair.First} route");
        Assert.DoesNotContain("198.18.0.1", routes, StringComparison.Ordinal);
    }

    /// <summary>
    /// config/examples/null-ppp-lns.yaml with an address behind the link instead of loopback, and with a more detailed log.
    /// </summary>
    internal static string Example()
    {
        var lines = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "config/examples/null-ppp-lns.yaml"));
        // DaemonProcess sets the control socket and the state file.
        var kept = lines.Where(line => !line.StartsWith("state-file", StringComparison.Ordinal)
            && !line.StartsWith("control:", StringComparison.Ordinal)
            && !line.StartsWith("  socket:", StringComparison.Ordinal) && !line.StartsWith("  mode:", StringComparison.Ordinal));
        return string.Join('\n', kept).Replace("127.0.0.1:1701", "0.0.0.0:1701", StringComparison.Ordinal)
            .Replace("level: warning", "level: information\n  format: console", StringComparison.Ordinal) + "\n";
    }

    /// <summary>The two namespaces, with an LNS address that is behind the second one.</summary>
    private static NamespacePair World()
    {
        var pair = new NamespacePair();
        NamespacePair.Run($"ip -n {pair.Second} addr add 198.18.0.1/32 dev lo; ip -n {pair.First} route add 198.18.0.0/24 via 192.0.2.2");
        return pair;
    }

    private static string Client(string lns, string ppp) =>
        $"data-plane: userspace\nlog: {{ level: information, format: console }}\ntunnels: {{ t: {{ lns: {lns}, secret: test, sessions: {{ "
            + $"s: {{ ppp: {{ backend: built-in, {ppp} }} }} }} }} }}\n";

    private static string LinkLocalOf(string networkNamespace, string device) =>
        NamespacePair.Run($"ip -n {networkNamespace} -6 -o addr show dev {device}").Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]
            .Split('/')[0];

    private static void AssertSpoofedPacketsAreDropped(NamespacePair pair)
    {
        NamespacePair.Run($"ip -n {pair.First} addr add 10.77.0.1/32 dev ppp0");
        // An answer would be possible: there is a route back.
        NamespacePair.Run($"ip -n {pair.Second} route add 10.77.0.1/32 dev ppptest0");
        NamespacePair.Run($"! ip netns exec {pair.First} ping -n -c 2 -W 1 -i 0.2 -I 10.77.0.1 10.99.0.1");
    }
}
