namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// DHCPv6 with dhcpcd and WIDE dhcp6c as subscribers: behind an interface of their own that a client made, against an LNS with one
/// interface for all, both in userspace. The subscriber's LAN is <c>lan0</c>; behind the LNS is 2001:db8:ffff::1.
/// </summary>
public sealed class PrefixDelegationTests
{
    private const string Behind = "2001:db8:ffff::1";

    [Fact]
    public void Dhcpcd_gets_a_prefix_that_works_and_keeps_it_over_a_new_session_and_daemon()
    {
        using var pair = new World();
        var state = Directory.CreateTempSubdirectory("l2tpd-state-").FullName;
        try
        {
            string prefix;
            using (var lns = DaemonProcess.Start(Lns(state, ""), networkNamespace: pair.Second))
            {
                // Another user is the first.
                using (Subscriber(pair, "other", ", interface: none"))
                    prefix = DelegateAndPing(pair, lns);
                Assert.Equal("2001:db8:7700:101::1", prefix);
                lns.Signal(DaemonProcess.Term);
                Assert.Equal(0, lns.WaitForExit());
                Assert.DoesNotContain("Internal error", lns.Output, StringComparison.Ordinal);
            }

            using var next = DaemonProcess.Start(Lns(state, ""), networkNamespace: pair.Second);
            next.WaitFor("2 users of an earlier run get their prefixes again");
            Assert.Equal(prefix, DelegateAndPing(pair, next));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public void WIDE_dhcp6c_gets_a_prefix_although_its_address_is_refused_and_releases_it_and_dhcpcd_gets_information()
    {
        using var pair = new World();
        using var lns = DaemonProcess.Start(Lns("{dir}/state", ""), networkNamespace: pair.Second);
        using var lac = Subscriber(pair, "test");
        lac.WaitFor("network is up");
        var file = Path.Combine(lac.Directory, "dhcp6c.conf");
        File.WriteAllText(file,
            "interface ppp0 { send ia-pd 1; send ia-na 2; send rapid-commit; request domain-name-servers; };\n"
            + "id-assoc na 2 { };\n"
            + "id-assoc pd 1 { prefix ::/56 infinity; prefix-interface lan0 { sla-len 8; sla-id 1; ifid 1; }; };\n");
        using var client = new ClientProgram(pair.First, "/var/lib/dhcpv6", $"dhcp6c -f -D -c {file} -p {lac.Directory}/pid ppp0");
        client.WaitUntil(() => AddressesOf(pair.First, "lan0").Any(), "an address of the prefix on lan0");
        var lan = AddressesOf(pair.First, "lan0").Single();
        Assert.Equal("2001:db8:7700:1::1", lan);
        pair.PingThrough(lan);
        client.Stop();
        Assert.Contains("release", client.Output, StringComparison.OrdinalIgnoreCase);
        using var information = Dhcpcd(pair, lac.Directory, "inform6\n");
        information.WaitUntil(() => information.Output.Contains("REPLY", StringComparison.Ordinal), "the answer to an Information-Request");
        Assert.DoesNotContain("Internal error", lns.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Dhcpcd_gets_an_address_and_a_prefix()
    {
        using var pair = new World();
        using var lns = DaemonProcess.Start(Lns("{dir}/state", ", ipv6-address-pool: hosts"), networkNamespace: pair.Second);
        using var lac = Subscriber(pair, "test");
        lac.WaitFor("network is up");
        using var client = Dhcpcd(pair, lac.Directory, "ia_na 2\n  ia_pd 1/::/56 lan0/1\n");
        client.WaitUntil(
            () => AddressesOf(pair.First, "lan0").Any() && AddressesOf(pair.First, "ppp0").Contains("2001:db8:a::1"), "both");
        NamespacePair.Run($"ip netns exec {pair.First} ping -n -c 1 -w 10 -i 0.2 -I 2001:db8:a::1 {Behind}");
        NamespacePair.Ping(pair.Second, "2001:db8:a::1");
    }

    private static string DelegateAndPing(World pair, DaemonProcess lns)
    {
        using var lac = Subscriber(pair, "test");
        lac.WaitFor("network is up");
        using var client = Dhcpcd(pair, lac.Directory, "ia_pd 1/::/56 lan0/1\n");
        client.WaitUntil(() => AddressesOf(pair.First, "lan0").Any(), "an address of the prefix on lan0");
        var lan = AddressesOf(pair.First, "lan0").Single();
        pair.PingThrough(lan);
        client.Stop();
        NamespacePair.Run($"ip -n {pair.First} -6 addr flush dev lan0 scope global");
        var ended = lns.Lines.Count(static line => line.Contains("PPP of test ended", StringComparison.Ordinal));
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        lns.WaitUntil(
            () => lns.Lines.Count(static line => line.Contains("PPP of test ended", StringComparison.Ordinal)) > ended, "the end");
        return lan;
    }

    private static ClientProgram Dhcpcd(World pair, string directory, string wanted)
    {
        var file = Path.Combine(directory, "dhcpcd.conf");
        File.WriteAllText(file, "duid\nipv6only\nnoipv6rs\nnohook resolv.conf\nscript /bin/true\ninterface ppp0\n  " + wanted);
        return new ClientProgram(pair.First, "/var/lib/dhcpcd /run/dhcpcd", $"dhcpcd -B -d -f {file} ppp0");
    }

    private static DaemonProcess Subscriber(World pair, string user, string more = "")
    {
        var lac = DaemonProcess.Start(
            "data-plane: userspace\nlog: { level: information, format: console }\ntunnels: { t: { lns: 192.0.2.2, secret: test, "
            + $"sessions: {{ s: {{ ppp: {{ backend: built-in, user: {user}, password: test, ipv6: true{more} }} }} }} }} }}\n",
            networkNamespace: pair.First);
        lac.WaitFor("network is up");
        // The default route is the matter of router advertisement.
        if (more.Length == 0)
            NamespacePair.Run($"ip -n {pair.First} -6 route replace default dev ppp0 metric 5");
        return lac;
    }

    private static string Lns(string state, string ppp) =>
        "data-plane: userspace\nlog: { level: debug, format: console }\n"
        + $"state-directory: {state}\nlisten: 0.0.0.0:1701\npeers: {{ any: {{ secret: test }} }}\nlns: {{ ppp: sub }}\n"
        + "prefix-pools:\n  homes: { prefix: '2001:db8:7700::/40', length: 56 }\n  hosts: { prefix: '2001:db8:a::/64', length: 128 }\n"
        + "ppp: { sub: { backend: built-in, local: 10.99.0.1, pool: 10.99.0.2-10.99.0.9, auth: chap, ipv6: router, "
        + "users: { test: { password: test }, other: { password: test } }, interface: { shared: sub0 }, "
        + $"delegated-prefix-pool: homes{ppp} }} }}\n";

    private static IEnumerable<string> AddressesOf(string networkNamespace, string device) =>
        NamespacePair.Run($"ip -n {networkNamespace} -6 -o addr show dev {device} scope global")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0]);

    /// <summary>The two namespaces, what is behind the LNS, and a host of the subscriber's LAN.</summary>
    private sealed class World : IDisposable
    {
        private readonly NamespacePair _pair = new();

        public World()
        {
            Host = _pair.First + "h";
            NamespacePair.Run($"ip netns add {Host}; ip -n {_pair.Second} addr add {Behind}/128 dev lo");
            foreach (var router in new[] { _pair.First, _pair.Second })
                NamespacePair.Run($"ip netns exec {router} sysctl -q -w net.ipv6.conf.all.forwarding=1");
            NamespacePair.Run(
                $"ip link add lan0 netns {_pair.First} type veth peer name lan0 netns {Host}; "
                + $"ip -n {_pair.First} link set lan0 up; ip -n {Host} link set lan0 up");
        }

        public string First => _pair.First;

        public string Second => _pair.Second;

        public string Host { get; }

        /// <summary>Pings from the LAN to behind the LNS and back.</summary>
        /// <param name="router">The subscriber's address in its LAN, which ends with ::1.</param>
        public void PingThrough(string router)
        {
            var host = router[..^1] + "2";
            NamespacePair.Run($"ip -n {Host} -6 addr replace {host}/64 dev lan0 nodad; ip -n {Host} -6 route replace default via {router}");
            NamespacePair.Ping(Host, Behind);
            NamespacePair.Ping(Second, host);
        }

        public void Dispose()
        {
            NamespacePair.Run($"ip netns del {Host}");
            _pair.Dispose();
        }
    }
}
