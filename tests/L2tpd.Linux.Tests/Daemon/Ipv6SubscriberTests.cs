using System.Diagnostics;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// A subscriber's host gets an IPv6 address from the LNS by router advertisement, as the kernel makes it (SLAAC), and reaches a host behind
/// the LNS. All in userspace; the programs rdisc6 and ndisc6 are the second opinion.
/// </summary>
public sealed class Ipv6SubscriberTests
{
    private const string Far = "2001:db8:c0::2";

    [Theory]
    [InlineData("interface: { shared: pppt0 },")]
    [InlineData("")]
    public void A_host_makes_its_address_and_reaches_the_network(string shape)
    {
        using var world = new SubscriberWorld();
        using var lns = DaemonProcess.Start(Lns(shape), networkNamespace: world.Lns);
        using var lac = DaemonProcess.Start(Client, networkNamespace: world.Subscriber);
        lac.WaitFor("network is up on ppp0");
        var address = world.WaitForAddress("ppp0");
        NamespacePair.Ping(world.Subscriber, Far, octets: 1_200);
        NamespacePair.Ping(world.Far, address);

        var advertisement = NamespacePair.Run($"ip netns exec {world.Subscriber} rdisc6 -1 -r 1 -w 5000 ppp0");
        Assert.Contains("2001:db8:f00::/64", advertisement, StringComparison.Ordinal);
        Assert.Contains("2001:db8::53", advertisement, StringComparison.Ordinal);
        Assert.Contains("example.net", advertisement, StringComparison.Ordinal);
        Assert.Contains("1400", advertisement, StringComparison.Ordinal);
        var router = NamespacePair.Run($"ip -n {world.Subscriber} -6 route show default").Split(' ')[2];
        Assert.StartsWith("fe80::", router, StringComparison.Ordinal);

        Assert.Contains("unreachable 2001:db8:f00::/48", NamespacePair.Run($"ip -n {world.Lns} -6 route"), StringComparison.Ordinal);

        // A source of nobody, and a destination in the subscriber's own prefix that no host has.
        NamespacePair.Run($"ip -n {world.Subscriber} addr add 2001:db8:bad::1/128 dev ppp0 nodad");
        Assert.Equal(0, world.Answers($"-I 2001:db8:bad::1 {Far}"));
        Assert.Equal(0, world.Answers("2001:db8:f00::dead:beef"));
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        lns.WaitFor("PPP of test ended");
        lns.Signal(DaemonProcess.Term);
        Assert.Equal(0, lns.WaitForExit());
        Assert.Contains("Packets of PPP sessions dropped", lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 with a wrong source", lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 to the subscriber's own networks", lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Internal error", lns.Output + lac.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("2001:db8:f00", NamespacePair.Run($"ip -n {world.Lns} -6 route"), StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbours_find_us_behind_a_shared_interface()
    {
        using var world = new SubscriberWorld();
        using var lns = DaemonProcess.Start(Lns("interface: { shared: pppt0 },"), networkNamespace: world.Lns);
        using var lac = DaemonProcess.Start(Client, networkNamespace: world.Subscriber);
        lac.WaitFor("network is up on ppp0");
        world.WaitForAddress("ppp0");
        var ours = NamespacePair.Run($"ip -n {world.Lns} -6 -o addr show dev pppt0").Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]
            .Split('/')[0];
        // PPP has no link-layer addresses, without which ndisc6 is not content: the kernel counts the answer.
        var before = world.NeighbourAdvertisements;
        NamespacePair.Run($"ip netns exec {world.Subscriber} ndisc6 -1 -r 1 -w 1000 {ours} ppp0 || true");
        Assert.Equal(before + 1, world.NeighbourAdvertisements);
    }

    private static string Lns(string shape) => $$"""
        data-plane: userspace
        listen: 0.0.0.0:1701
        state-directory: {dir}
        log: { level: information, format: console }
        prefix-pools: { wan: { prefix: "2001:db8:f00::/48", length: 64 } }
        peers: { any: { secret: test, lns: { ppp: p } } }
        ppp:
          p: { backend: built-in, {{shape}} auth: chap, name: lns, local: 10.99.0.1, pool: 10.99.0.0/24,
               users: { test: { password: test } },
               ipv6: router, ipv6-prefix-pool: wan, ipv6-dns: ["2001:db8::53"], ipv6-search: [example.net] }

        """;

    private const string Client = """
        data-plane: userspace
        log: { level: information, format: console }
        tunnels: { t: { lns: 192.0.2.2, secret: test, sessions: { s: {
          ppp: { backend: built-in, user: test, password: test, ipv6: router } } } } }

        """;

    /// <summary>A subscriber's network namespace, that of the LNS, and one behind it with the far host. All of them forward.</summary>
    private sealed class SubscriberWorld : IDisposable
    {
        private readonly NamespacePair _pair = new();

        public SubscriberWorld()
        {
            Far = _pair.Second + "c";
            NamespacePair.Run($"ip netns add {Far}; ip -n {Far} link set lo up");
            NamespacePair.Run($"ip link add core0 netns {Lns} type veth peer name core0 netns {Far}");
            NamespacePair.Run($"ip -n {Lns} addr add 2001:db8:c0::1/64 dev core0 nodad; "
                + $"ip -n {Far} addr add {Ipv6SubscriberTests.Far}/64 dev core0 nodad");
            NamespacePair.Run($"ip -n {Lns} link set core0 up; ip -n {Far} link set core0 up");
            NamespacePair.Run($"ip -n {Far} -6 route add default via 2001:db8:c0::1");
            // The subscriber forwards as well: its system takes advertisements only with accept_ra=2, which its l2tpd sets.
            foreach (var name in new[] { Subscriber, Lns })
                NamespacePair.Run($"ip netns exec {name} sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'");
        }

        public string Subscriber => _pair.First;

        public string Lns => _pair.Second;

        public string Far { get; }

        /// <summary>Waits for a global address; at most 30 s.</summary>
        public string WaitForAddress(string device)
        {
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < TimeSpan.FromSeconds(30))
            {
                var addresses = NamespacePair.Run($"ip -n {Subscriber} -6 -o addr show dev {device} scope global -tentative");
                if (addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, var address, ..])
                    return address.Split('/')[0];
                Thread.Sleep(50);
            }

            Assert.Fail($"{device} has no global address: " + NamespacePair.Run($"ip -n {Subscriber} -6 addr"));
            return "";
        }

        /// <summary>Those that the subscriber's system received.</summary>
        public int NeighbourAdvertisements => int.Parse(NamespacePair.Run(
            $"ip netns exec {Subscriber} grep Icmp6InNeighborAdvertisements /proc/net/snmp6").Split(' ', '\t')[^1],
            System.Globalization.CultureInfo.InvariantCulture);

        /// <summary>How many of two echo requests of the subscriber are answered.</summary>
        public int Answers(string arguments) => NamespacePair.Run(
            $"ip netns exec {Subscriber} ping -6 -n -c 2 -i 0.2 -W 1 {arguments} || true").Split('\n')
            .Count(static line => line.Contains("bytes from", StringComparison.Ordinal));

        public void Dispose()
        {
            NamespacePair.Run($"ip netns del {Far}");
            _pair.Dispose();
        }
    }
}
