using L2tpd.Linux.Netlink;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Tests;

/// <summary>The packet socket that reads router solicitations, neighbour discovery and DHCPv6 of one interface, and nothing else.</summary>
public sealed class LinkControlSocketTests
{
    [Fact]
    public void Solicitations_and_requests_to_a_DHCPv6_server_are_read_and_data_is_not()
    {
        using var pair = new NamespacePair();
        NamespacePair.Run($"ip -n {pair.First} addr add fe80::1/64 dev link0 nodad");
        NamespacePair.Run($"ip -n {pair.Second} addr add fe80::2/64 dev link0 nodad");
        using var socket = NetworkNamespace.Make(pair.First, static () =>
        {
            RtNetlink.TryOpen(out var netlink).ThrowIfError();
            using (netlink)
            {
                netlink!.GetLink("link0", out var link).ThrowIfError();
                LinkControlSocket.TryOpen(link!.Index, isIPv6: true, out var opened).ThrowIfError();
                return opened!;
            }
        });
        // Data, and UDP to other ports.
        NamespacePair.Run($"ip netns exec {pair.Second} ping -6 -n -c 2 -i 0.2 -w 5 fe80::1%link0");
        NamespacePair.Run($"ip netns exec {pair.Second} bash -c 'echo x > /dev/udp/fe80::1%link0/548'");
        NamespacePair.Run($"ip netns exec {pair.Second} bash -c 'echo dhcp > /dev/udp/fe80::1%link0/547'");
        NamespacePair.Run($"ip netns exec {pair.Second} rdisc6 -1 -r 1 -w 100 link0 || true");
        var kinds = new List<string>();
        Span<byte> packet = stackalloc byte[LinkControlSocket.LongestPacket];
        while (socket.Read(packet) is var count and not -Errno.EAGAIN)
        {
            Assert.True(count > 40);
            Assert.Equal(6, packet[0] >> 4);
            kinds.Add(packet[6] == 58 ? $"icmpv6 {packet[40]}" : $"udp {(packet[42] << 8) | packet[43]}");
        }

        Assert.Equal(1, kinds.Count(static kind => kind == "udp 547"));
        Assert.Contains("icmpv6 133", kinds);
        Assert.DoesNotContain(kinds, static kind => kind is "udp 548" or "icmpv6 128" or "icmpv6 129");
    }

    [Fact]
    public void Datagrams_to_a_DHCP_server_are_read_and_no_fragments_and_no_others()
    {
        using var pair = new NamespacePair();
        using var socket = NetworkNamespace.Make(pair.First, static () =>
        {
            RtNetlink.TryOpen(out var netlink).ThrowIfError();
            using (netlink)
            {
                netlink!.GetLink("link0", out var link).ThrowIfError();
                LinkControlSocket.TryOpen(link!.Index, isIPv6: false, out var opened).ThrowIfError();
                return opened!;
            }
        });
        NamespacePair.Run($"ip netns exec {pair.Second} bash -c 'echo x > /dev/udp/192.0.2.1/68'");
        NamespacePair.Run($"ip netns exec {pair.Second} ping -q -n -c 1 -w 5 192.0.2.1");
        NamespacePair.Run($"ip netns exec {pair.Second} bash -c 'head -c 4000 /dev/zero > /dev/udp/192.0.2.1/67'");
        NamespacePair.Run($"ip netns exec {pair.Second} bash -c 'echo dhcp > /dev/udp/192.0.2.1/67'");
        Span<byte> packet = stackalloc byte[LinkControlSocket.LongestPacket];
        Assert.Equal(20 + 8 + 5, socket.Read(packet));
        Assert.Equal("dhcp\n", System.Text.Encoding.ASCII.GetString(packet[28..33]));
        Assert.Equal(-Errno.EAGAIN, socket.Read(packet));
    }

    [Fact]
    public void An_interface_that_is_not_there_is_an_error() =>
        Descriptors.AssertNoneLeft(() => Assert.Equal(Errno.ENODEV, LinkControlSocket.TryOpen(0x7fff_fff0, isIPv6: true, out _).Errno));
}
