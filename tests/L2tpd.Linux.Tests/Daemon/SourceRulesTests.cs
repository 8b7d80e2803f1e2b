using System.Globalization;
using L2tpd.Linux.Netlink;
using L2tpd.PppHosting.BuiltIn;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The source check of the kernel data plane on this machine's kernel: nftables by interface group, and rp_filter.</summary>
public sealed class SourceRulesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1_400)]
    public void Packets_from_where_no_route_leads_back_are_dropped_and_the_table_goes_at_the_end(int clampedMtu)
    {
        using var pair = World();
        Assert.Equal((3, 3), Forge(pair));
        var rules = NetworkNamespace.Make(pair.First, () =>
        {
            var made = new SourceRules(NullLogger.Instance);
            RtNetlink.TryOpen(out var netlink).ThrowIfError();
            using (netlink)
                made.Check(netlink!, "link0", clampedMtu).ThrowIfError();
            return made;
        });
        Assert.Equal((0, 0), Forge(pair));
        Assert.Contains("counter packets 6 ", NamespacePair.Run($"ip netns exec {pair.First} nft list table inet l2tpd_sources"),
            StringComparison.Ordinal);
        NamespacePair.Ping(pair.Second, "192.0.2.1");
        NamespacePair.Ping(pair.Second, "fd00:1::1");

        // Packets from a network behind the peer are accepted because of its route.
        NamespacePair.Run($"ip -n {pair.First} route add 10.66.0.1/32 dev link0; ip -n {pair.First} -6 route add fd00:66::1/128 dev link0");
        Assert.Equal((3, 3), Forge(pair));
        NetworkNamespace.Make(pair.First, () =>
        {
            rules.Dispose();
            return rules;
        });
        Assert.DoesNotContain("l2tpd", NamespacePair.Run($"ip netns exec {pair.First} nft list tables"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_go_back_and_advertisements_of_a_subscriber_are_dropped()
    {
        using var pair = World();
        NamespacePair.Run($"ip netns exec {pair.First} sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; "
            + "echo 1 > /proc/sys/net/ipv4/ip_forward'");
        NamespacePair.Run($"ip -n {pair.First} -6 route add fd00:66::/56 dev link0; ip -n {pair.First} route add 10.66.0.0/24 dev link0");
        NamespacePair.Run($"ip -n {pair.Second} -6 route add fd00:66:0:ff::/64 via fd00:1::1; "
            + $"ip -n {pair.Second} route add 10.66.0.128/25 via 192.0.2.1");
        using var rules = NetworkNamespace.Make(pair.First, static () =>
        {
            var made = new SourceRules(NullLogger.Instance);
            RtNetlink.TryOpen(out var netlink).ThrowIfError();
            using (netlink)
                made.Check(netlink!, "link0", 0).ThrowIfError();
            return made;
        });
        NamespacePair.Run($"ip netns exec {pair.Second} ping -6 -n -q -c 2 -i 0.2 -W 1 -I fd00:66::1 fd00:66:0:ff::5 || true; "
            + $"ip netns exec {pair.Second} ping -n -q -c 3 -i 0.2 -W 1 -I 10.66.0.1 10.66.0.200 || true");
        using (var forged = PacketSocket.Open(pair.Second, "link0"))
            forged.Send(Advertisement(pair));
        var table = NamespacePair.Run($"ip netns exec {pair.First} nft list table inet l2tpd_sources");
        Assert.Contains("fib daddr . iif oif exists counter packets 2 ", table, StringComparison.Ordinal);
        Assert.Contains("fib daddr . iif oif exists counter packets 3 ", table, StringComparison.Ordinal);
        Assert.Contains("nd-redirect } counter packets 1 ", table, StringComparison.Ordinal);
        NamespacePair.Ping(pair.Second, "fd00:1::1");
        NamespacePair.Ping(pair.Second, "192.0.2.1");
        NetworkNamespace.Make(pair.First, () =>
        {
            rules.Dispose();
            return rules;
        });
    }

    [Fact]
    public void Rp_filter_of_an_interface_is_set_by_netlink_and_drops_what_is_forged_over_IPv4()
    {
        using var pair = World();
        NetworkNamespace.Make(pair.First, () =>
        {
            RtNetlink.TryOpen(out var netlink).ThrowIfError();
            netlink!.SetReversePathFilter("link0", strict: true).ThrowIfError();
            netlink.Dispose();
            return netlink;
        });
        Assert.Equal("1", NamespacePair.Run($"ip netns exec {pair.First} cat /proc/sys/net/ipv4/conf/link0/rp_filter").Trim());
        Assert.Equal((0, 3), Forge(pair));
        NamespacePair.Ping(pair.Second, "192.0.2.1");
    }

    /// <summary>A router advertisement to all nodes from a global address of the second namespace; nobody checks its checksum.</summary>
    private static byte[] Advertisement(NamespacePair pair)
    {
        var ours = NamespacePair.Run($"ip netns exec {pair.Second} cat /sys/class/net/link0/address").Trim();
        return Convert.FromHexString(
            "333300000001" + ours.Replace(":", "", StringComparison.Ordinal) + "86dd" + "6000000000103aff"
            + "fd000001000000000000000000000002" + "ff020000000000000000000000000001" + "86000000400007080000000000000000");
    }

    private static NamespacePair World()
    {
        var pair = new NamespacePair();
        NamespacePair.Run($"ip netns exec {pair.First} sh -c 'for f in all default link0; do echo 0 > "
            + "/proc/sys/net/ipv4/conf/$f/rp_filter; done'");
        NamespacePair.Run($"ip -n {pair.First} addr add fd00:1::1/64 dev link0 nodad; ip -n {pair.Second} addr add fd00:1::2/64 dev "
            + "link0 nodad");
        NamespacePair.Run($"ip -n {pair.Second} addr add 10.66.0.1/32 dev lo; ip -n {pair.Second} addr add fd00:66::1/128 dev lo nodad");
        NamespacePair.Ping(pair.Second, "fd00:1::1");
        NamespacePair.Ping(pair.Second, "192.0.2.1");
        return pair;
    }

    /// <summary>Sends three echo requests of each family from addresses that the second namespace does not have on the link.</summary>
    /// <returns>How many arrived in the first namespace.</returns>
    private static (long Four, long Six) Forge(NamespacePair pair)
    {
        var before = Echos(pair);
        NamespacePair.Run($"ip netns exec {pair.Second} ping -n -q -c 3 -i 0.2 -W 1 -I 10.66.0.1 192.0.2.1 || true");
        NamespacePair.Run($"ip netns exec {pair.Second} ping -6 -n -q -c 3 -i 0.2 -W 1 -I fd00:66::1 fd00:1::1 || true");
        var after = Echos(pair);
        return (after.Four - before.Four, after.Six - before.Six);
    }

    private static (long Four, long Six) Echos(NamespacePair pair)
    {
        var four = NamespacePair.Run($"ip netns exec {pair.First} grep ^Icmp: /proc/net/snmp").Split('\n')
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var six = NamespacePair.Run($"ip netns exec {pair.First} grep Icmp6InEchos /proc/net/snmp6 || echo x 0")
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
        return (Number(four[1][Array.IndexOf(four[0], "InEchos")]), Number(six));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
