using L2tpd.Control;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Dial on demand with real daemons at both ends: a client whose interface waits for traffic, an LNS, two network namespaces.
/// </summary>
public sealed class OnTrafficTests
{
    private const string Lns = "data-plane: userspace\nlisten: 0.0.0.0:1701\nlog: { level: information, format: console }\n"
        + "peers: { any: { secret: test, lns: { ppp: p } } }\n"
        + "ppp: { p: { backend: built-in, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.20, auth: [chap], "
        + "users: { fixed: { password: test, address: 10.99.0.7 }, any: { password: test } } } }\n";

    [Fact]
    public async Task The_first_packet_dials_and_arrives_and_an_idle_session_waits_again()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(Lns, networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            Client("user: fixed, password: test, local: 10.99.0.7, idle-timeout: 2s, ipv6: true"), networkNamespace: pair.First);
        lac.WaitFor("The interface wan0 of session t/s waits for traffic");
        using var client = new ControlClient(Path.Combine(lac.Directory, "control.sock"));
        Assert.Equal(["t/s"], (await client.StatusAsync()).WaitingForTraffic);
        Assert.Contains("it waits for traffic", (await client.ExplainAsync("t/s")).Summary, StringComparison.Ordinal);
        Noise(pair);
        Assert.Equal(0, (await client.StatusAsync()).Tunnels);
        Assert.DoesNotContain("dialled", lac.Output, StringComparison.Ordinal);

        // One packet only: it waits in the daemon, and the answer comes when the session is up.
        NamespacePair.Run($"ip -n {pair.First} route add 10.99.0.1 dev wan0");
        NamespacePair.Run($"ip netns exec {pair.First} ping -n -c 1 -W 10 10.99.0.1");
        lac.WaitFor("t/s: a packet waits, it is dialled");
        lac.WaitFor("network is up on wan0, we are 10.99.0.7");
        Assert.Null((await client.StatusAsync()).WaitingForTraffic);

        lac.WaitFor("t/s waits for traffic: it was idle");
        lac.WaitFor("its sessions wait for traffic");
        lns.WaitFor("the peer sent StopCCN");
        // Interface, addresses and the route of somebody else are still there.
        Assert.Contains("10.99.0.7 peer 10.99.0.1/32", NamespacePair.Run($"ip -n {pair.First} addr show wan0"), StringComparison.Ordinal);
        Assert.Contains("10.99.0.1 dev wan0", NamespacePair.Run($"ip -n {pair.First} route"), StringComparison.Ordinal);
        Noise(pair);
        Assert.Equal(0, (await client.StatusAsync()).Tunnels);

        NamespacePair.Run($"ip netns exec {pair.First} ping -n -c 1 -W 10 10.99.0.1");
        Assert.Equal(2, lac.Lines.Count(static line => line.Contains("a packet waits", StringComparison.Ordinal)));
        var events = NamespacePair.Run($"curl -s --unix-socket {lac.Directory}/control.sock http://l2tpd/v1/events");
        foreach (var kind in (string[])["waits-for-traffic", "dialled-by-traffic", "data-path-created", "data-path-removed"])
            Assert.Contains($"\"kind\":\"{kind}\"", events, StringComparison.Ordinal);
        var atLns = NamespacePair.Run($"curl -s --unix-socket {lns.Directory}/control.sock http://l2tpd/v1/events");
        foreach (var kind in (string[])["address-assigned", "address-released"])
            Assert.Contains($"\"kind\":\"{kind}\"", atLns, StringComparison.Ordinal);
        End(pair, lac);
        Assert.DoesNotContain("Internal error", lac.Output + lns.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_route_waits_with_the_interface_and_does_not_take_the_tunnel_itself()
    {
        using var pair = new NamespacePair();
        NamespacePair.Run($"ip -n {pair.Second} addr add 198.18.0.1/32 dev lo; "
            + $"ip -n {pair.First} route add default via 192.0.2.2 metric 100");
        using var lns = DaemonProcess.Start(Lns, networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            Client("user: any, password: test, default-route: true, idle-timeout: 2s", "198.18.0.1"), networkNamespace: pair.First);
        lac.WaitFor("The interface wan0 of session t/s waits for traffic");
        var routes = NamespacePair.Run($"ip -n {pair.First} route; ip -n {pair.First} addr show wan0");
        Assert.Contains("default dev wan0", routes, StringComparison.Ordinal);
        Assert.Contains("198.18.0.1 via 192.0.2.2", routes, StringComparison.Ordinal);
        Assert.Contains("10.64.64.64 peer 10.112.112.112/32", routes, StringComparison.Ordinal);
        // A packet from the placeholder dials, and is lost: its source is nobody's. The next ones have the address of the call.
        NamespacePair.Run($"! ip netns exec {pair.First} ping -n -c 1 -W 1 10.99.0.1");
        lac.WaitFor("network is up on wan0, we are 10.99.0.10");
        NamespacePair.Ping(pair.First, "10.99.0.1");
        lac.WaitFor("t/s waits for traffic: it was idle");
        lac.WaitFor("its sessions wait for traffic");
        routes = NamespacePair.Run($"ip -n {pair.First} route; ip -n {pair.First} addr show wan0");
        Assert.Contains("default dev wan0", routes, StringComparison.Ordinal);
        Assert.Contains("198.18.0.1 via 192.0.2.2", routes, StringComparison.Ordinal);
        // The address of the call stays, and if the next call has the same one, its first packet arrives.
        Assert.Contains("10.99.0.10 peer 10.99.0.1/32", routes, StringComparison.Ordinal);
        Assert.DoesNotContain("10.64.64.64", routes, StringComparison.Ordinal);
        // The daemon ends while the session is up.
        NamespacePair.Run($"! ip netns exec {pair.First} ping -n -c 1 -W 1 10.99.0.1");
        WaitFor(lac, "network is up on wan0", 2);
        End(pair, lac);
        Assert.DoesNotContain("198.18.0.1", NamespacePair.Run($"ip -n {pair.First} route"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_is_refused_holds_off_and_its_packets_are_dropped_and_counted()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(Lns, networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            Client("user: any, password: wrong, idle-timeout: 2s", session: "backoff: { initial: 20s, jitter: 0 }, "),
            networkNamespace: pair.First);
        lac.WaitFor("The interface wan0 of session t/s waits for traffic");
        NamespacePair.Run($"ip -n {pair.First} route add 10.99.0.1 dev wan0");
        NamespacePair.Run($"! ip netns exec {pair.First} ping -n -c 2 -W 1 10.99.0.1");
        Assert.StartsWith("t/s waits for traffic", lac.WaitFor("which counts in 20.0 s").Split("INF ")[^1], StringComparison.Ordinal);
        NamespacePair.Run($"! ip netns exec {pair.First} ping -n -c 50 -i 0.01 -W 1 10.99.0.1");
        Assert.Single(lac.Lines, static line => line.Contains("a packet waits", StringComparison.Ordinal));
        var dropped = NamespacePair.Run($"curl -s --unix-socket {lac.Directory}/control.sock http://l2tpd/metrics | "
            + "grep 'packets_dropped_total.*not-connected'");
        Assert.InRange(double.Parse(dropped.Trim().Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture), 50, 60);
        Assert.Contains("wan0", NamespacePair.Run($"ip -n {pair.First} -o link"), StringComparison.Ordinal);
        End(pair, lac);
    }

    [Fact]
    public void A_reload_takes_the_mode_back_and_leaves_nothing_and_a_kill_does_not_either()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(Lns, networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client("user: any, password: test, idle-timeout: 60s"), networkNamespace: pair.First);
        lac.WaitFor("The interface wan0 of session t/s waits for traffic");
        var file = Path.Combine(lac.Directory, "l2tpd.yaml");
        var before = File.ReadAllText(file);
        NamespacePair.Run($"ip -n {pair.First} route add 10.99.0.1 dev wan0; "
            + $"! ip netns exec {pair.First} ping -n -c 1 -W 1 10.99.0.1");
        lac.WaitFor("network is up on wan0");

        // While the session is up: it is set up again with an interface of its own.
        Reload(lac, file, before.Replace("dial: on-traffic", "dial: always", StringComparison.Ordinal));
        WaitFor(lac, "network is up on wan0", 2);
        NamespacePair.Ping(pair.First, "10.99.0.1");

        // And back: the interface is there when the session has gone.
        Reload(lac, file, before);
        WaitFor(lac, "of session t/s waits for", 2);
        NamespacePair.Run($"! ip netns exec {pair.First} ping -n -c 1 -W 1 10.112.112.112");
        WaitFor(lac, "network is up on wan0", 3);

        // Deleted from outside while it is up, and while it waits.
        NamespacePair.Run($"ip -n {pair.First} link del wan0");
        WaitFor(lac, "of session t/s waits for", 3);
        NamespacePair.Run($"ip -n {pair.First} link del wan0");
        WaitFor(lac, "of session t/s waits for", 4);

        // Without the session there is no interface.
        Reload(lac, file, before.Replace("{ s: {", "{ other: {", StringComparison.Ordinal)
            .Replace("wan0", "wan1", StringComparison.Ordinal));
        lac.WaitFor("The interface wan1 of session t/other waits for traffic");
        lac.WaitUntil(() => !NamespacePair.Run($"ip -n {pair.First} -o link").Contains("wan0", StringComparison.Ordinal), "no wan0");
        lac.Signal(9);
        lac.WaitForExit();
        Assert.DoesNotContain("wan", NamespacePair.Run($"ip -n {pair.First} -o link"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_packets_to_a_session_that_does_not_come_up_take_no_memory()
    {
        using var pair = new NamespacePair();
        // No LNS is there.
        using var lac = DaemonProcess.Start(Client("user: any, password: test, idle-timeout: 2s"), networkNamespace: pair.First);
        lac.WaitFor("The interface wan0 of session t/s waits for traffic");
        NamespacePair.Run($"ip -n {pair.First} route add 10.99.0.0/16 dev wan0");
        Flood(pair, 500_000);
        var before = lac.ResidentOctets();
        Flood(pair, 1_000_000);
        // Not yet compiled to the end, the code allocates some octets for each packet; all packets would be 1 GB.
        Assert.True(lac.ResidentOctets() < before + (64 << 20), $"{before} and then {lac.ResidentOctets()} octets");
        lac.WaitFor("t/s: a packet waits, it is dialled");
        End(pair, lac);
    }

    private static string Client(string ppp, string lns = "192.0.2.2", string session = "") =>
        "data-plane: userspace\nlog: { level: information, format: console }\n"
        + $"tunnels: {{ t: {{ lns: {lns}, secret: test, sessions: {{ s: {{ dial: on-traffic, {session}ppp: {{ backend: built-in, "
        + $"interface: wan0, {ppp} }} }} }} }} }}\n";

    /// <summary>What the system sends by itself, or programs send to everybody.</summary>
    private static void Noise(NamespacePair pair)
    {
        // Nobody answers.
        foreach (var target in (string[])["-I wan0 224.0.0.5", "-b -I wan0 255.255.255.255", "ff02::2%wan0"])
            NamespacePair.Run($"ip netns exec {pair.First} ping -n -c 3 -i 0.1 -W 1 {target} >/dev/null 2>&1 || true");
    }

    private static void Flood(NamespacePair pair, int packets) => NamespacePair.Run(
        $"ip netns exec {pair.First} python3 -c \"\nimport socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
        + $"for i in range({packets}):\n try: s.sendto(b'x'*1000,('10.99.0.1',9))\n except OSError: pass\n\"");

    private static void WaitFor(DaemonProcess daemon, string text, int times) => daemon.WaitUntil(
        () => daemon.Lines.Count(line => line.Contains(text, StringComparison.Ordinal)) == times, $"{times} times {text}");

    private static void Reload(DaemonProcess daemon, string file, string text)
    {
        File.WriteAllText(file, text);
        daemon.Signal(1);
    }

    private static void End(NamespacePair pair, DaemonProcess daemon)
    {
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
        Assert.DoesNotContain("wan", NamespacePair.Run($"ip -n {pair.First} -o link"), StringComparison.Ordinal);
    }
}
