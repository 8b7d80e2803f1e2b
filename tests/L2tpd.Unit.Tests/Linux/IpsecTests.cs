using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Sockets;

namespace L2tpd.Unit.Tests.Linux;

/// <summary>The policy of a socket, octet by octet, and the counters of /proc/net/xfrm_stat.</summary>
public sealed class IpsecTests
{
    // Offsets of struct xfrm_userpolicy_info and struct xfrm_user_tmpl, as a C compiler prints them.
    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 10)]
    public void The_policy_asks_for_ESP_in_transport_mode_inbound(bool ipv6, byte family)
    {
        var policy = EspPolicy.Inbound(ipv6);
        var expected = new byte[232];
        expected[40] = family;
        expected.AsSpan(56, 32).Fill(0xff);
        expected[188] = 50;
        expected[192] = family;
        expected.AsSpan(220, 12).Fill(0xff);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(policy));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 10)]
    public void The_policy_of_a_question_for_the_path_leaves_IPsec_out(bool ipv6, byte family)
    {
        var expected = new byte[168];
        expected[40] = family;
        expected.AsSpan(56, 32).Fill(0xff);
        expected[160] = 1; // out
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(EspPolicy.OutboundInClearText(ipv6)));
    }

    [Fact]
    public void Drops_are_summed_up_by_what_they_mean_and_unknown_lines_are_skipped()
    {
        var before = XfrmDrops.Parse("XfrmInTmplMismatch             \t3\nXfrmInNoStates\t1\n");
        var now = XfrmDrops.Parse(
            "XfrmInError             \t1\nXfrmInNoStates          \t5\nXfrmInStateSeqError\t2\nXfrmInTmplMismatch\t10\nXfrmInNoPols\t20\n"
            + "XfrmInPolBlock\t40\nXfrmOutNoStates\t7\nXfrmFwdHdrError\t9\nnonsense\nXfrmInX\tmany\n\n");
        Assert.Equal(new XfrmDrops(70, 5, 3, 7), now);
        Assert.Equal(new XfrmDrops(67, 4, 3, 7), now.Since(before));
    }

    [Theory]
    [InlineData(Errno.EPERM, "CAP_NET_ADMIN")]
    [InlineData(Errno.EINVAL, "modprobe xfrm_user")]
    [InlineData(Errno.ENOPROTOOPT, "modprobe xfrm_user")]
    [InlineData(Errno.ENOMEM, "ENOMEM")]
    public void What_the_kernel_refuses_is_said_in_words(int errno, string expected)
    {
        var error = new LinuxError(errno, "setsockopt", EspPolicy.OptionIPv6);
        Assert.True(EspPolicy.IsRefused(error));
        Assert.Contains(expected, EspPolicy.Explain(error));
        Assert.False(EspPolicy.IsRefused(new LinuxError(errno, "setsockopt", "SO_MARK 1")));
    }

    [Fact]
    public void An_association_is_read_with_its_ports_its_mark_and_its_age()
    {
        var payload = new byte[224];
        Convert.FromHexString("c6336401").CopyTo(payload, 56); // receiver
        Convert.FromHexString("c0ffee01").CopyTo(payload, 72); // SPI
        payload[76] = 50;
        Convert.FromHexString("c6336402").CopyTo(payload, 80); // sender
        Convert.FromHexString("00e40b5400000000").CopyTo(payload, 176); // when it was added: 1410065408
        payload[208] = 9; // reqid
        payload[212] = 2; // AF_INET
        byte[] message =
        [
            .. payload, 28, 0, 4, 0, 2, 0, 0x11, 0x94, 0xa8, 0xf6, .. new byte[18], // encapsulation: ports 4500 and 43254
            12, 0, 21, 0, 5, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, // mark 5
        ];
        Assert.True(XfrmTable.TryReadAssociation(message, out var association));
        Assert.Equal(
            new XfrmAssociation(
                IPAddress.Parse("198.51.100.2"), IPAddress.Parse("198.51.100.1"), 0xc0ffee01, 9, 5, 4500, 43_254,
                DateTimeOffset.FromUnixTimeSeconds(1_410_065_408)),
            association);
        message[76] = 51; // AH
        Assert.False(XfrmTable.TryReadAssociation(message, out _));
        Assert.False(XfrmTable.TryReadAssociation(message.AsSpan(0, 223), out _));
    }

    [Theory]
    [InlineData("198.51.100.1", 1701, "198.51.100.2", 1701, 17, true)]
    [InlineData("198.51.100.1", 1702, "198.51.100.2", 1701, 17, false)]
    [InlineData("198.51.100.9", 1701, "198.51.100.2", 1701, 17, false)]
    [InlineData("198.51.100.1", 1701, "198.51.100.2", 1701, 115, false)]
    public void An_inbound_policy_is_read_with_what_it_covers(string from, int fromPort, string to, int toPort, byte protocol, bool covers)
    {
        var payload = new byte[168];
        Convert.FromHexString("c6336402").CopyTo(payload, 0);
        Convert.FromHexString("c6336401").CopyTo(payload, 16);
        Convert.FromHexString("06a5ffff").CopyTo(payload, 32);
        Convert.FromHexString("06a5ffff").CopyTo(payload, 36);
        (payload[40], payload[42], payload[43], payload[44]) = (2, 32, 32, 17);
        var template = new byte[64];
        template[20] = 50;
        byte[] message = [.. payload, 68, 0, 5, 0, .. template];
        Assert.True(XfrmTable.TryReadPolicy(message, out var policy));
        Assert.Equal(covers, policy.Covers(
            protocol, new IPEndPoint(IPAddress.Parse(from), fromPort), new IPEndPoint(IPAddress.Parse(to), toPort)));
        message[160] = 1; // outbound
        Assert.False(XfrmTable.TryReadPolicy(message, out _));
        Assert.False(XfrmTable.TryReadPolicy(payload, out _));
    }
}
