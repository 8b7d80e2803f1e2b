using L2tpd.Linux;
using L2tpd.Linux.Host;
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
}
