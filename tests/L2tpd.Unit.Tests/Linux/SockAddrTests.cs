using System.Net;
using L2tpd.Linux.Ppp;
using L2tpd.Linux.Sockets;

namespace L2tpd.Unit.Tests.Linux;

public sealed class SockAddrTests
{
    [Fact]
    public void IPv4_has_the_layout_of_sockaddr_in()
    {
        var address = SockAddr.From(IPAddress.Parse("192.0.2.1"), 1701);
        Assert.Equal("020006a5c00002010000000000000000", Convert.ToHexStringLower(address.Bytes));
        Assert.Equal(
            (2, (ushort)1701, (UInt128)0xc0000201, false, 16),
            (address.Family, address.Port, address.Address, address.IsIPv6, address.Length));
        Assert.Equal("192.0.2.1:1701", address.ToString());
    }

    [Fact]
    public void IPv6_has_the_layout_of_sockaddr_in6()
    {
        var address = SockAddr.From(IPAddress.Parse("fe80::1:2%3"), 1701);
        Assert.Equal("0a0006a500000000" + "fe800000000000000000000000010002" + "03000000", Convert.ToHexStringLower(address.Bytes));
        Assert.Equal((3u, true, 28), (address.ScopeId, address.IsLinkLocalIPv6, address.Length));
        Assert.Equal(IPAddress.Parse("fe80::1:2%3"), address.ToIPAddress());
        Assert.Equal("[fe80::1:2%3]:1701", address.ToString());
    }

    [Fact]
    public void Mapped_addresses_become_IPv4() =>
        Assert.Equal(SockAddr.IPv4(0x7f000001, 5), SockAddr.From(IPAddress.Parse("::ffff:127.0.0.1"), 5));

    [Fact]
    public void Equality_ignores_what_does_not_name_a_peer()
    {
        var bytes = SockAddr.IPv4(0x7f000001, 5).Bytes.ToArray();
        bytes[9] = 1;
        Assert.Equal(SockAddr.IPv4(0x7f000001, 5), SockAddr.Read(bytes));
        var bytes6 = SockAddr.IPv6(1, 5).Bytes.ToArray();
        bytes6[5] = 1;
        Assert.Equal(SockAddr.IPv6(1, 5), SockAddr.Read(bytes6));
        Assert.NotEqual(SockAddr.IPv6(1, 5), SockAddr.IPv6(1, 5, 2));
        Assert.NotEqual(SockAddr.IPv4(0x7f000001, 5), SockAddr.IPv4(0x7f000001, 6));
        Assert.Equal(SockAddr.IPv4(0x7f000001, 6), SockAddr.IPv4(0x7f000001, 5).WithPort(6));
    }

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("020006a5c0000201000000000000000000")]
    [InlineData("0a0006a5000000000000000000000000000000000000000000")]
    [InlineData("18000000000000000000000000000000000000000000000000000000")]
    public void Reads_none_of_what_is_short_or_foreign(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var read = SockAddr.Read(bytes.Length == 17 ? bytes.AsSpan(0, 15) : bytes);
        Assert.True(read.IsNone);
        Assert.Equal(0, read.Length);
        Assert.Equal("none", read.ToString());
    }

    [Fact]
    public void Wildcards()
    {
        Assert.True(SockAddr.Any(ipv6: true, 1701).IsWildcard);
        Assert.True(SockAddr.Any(ipv6: false, 1701).IsWildcard);
        Assert.False(SockAddr.IPv4(1, 0).IsWildcard);
        Assert.False(SockAddr.None.IsWildcard);
    }
}

/// <summary>The four packed forms of kernel.md section 2, and L2TP/IP of section 4.</summary>
public sealed class PackedAddressTests
{
    private const string Fixed = "1800" + "01000000" + "00000000" + "07000000";
    private const string IPv4 = "020006a5c00002020000000000000000";
    private const string IPv6 = "0a0006a500000000" + "20010db8000000000000000000000002" + "00000000";

    [Theory]
    [InlineData(2, false, 38, Fixed + IPv4 + "0102" + "0304" + "0506" + "0708")]
    [InlineData(3, false, 46, Fixed + IPv4 + "01020000" + "03040000" + "05060000" + "07080000")]
    [InlineData(2, true, 50, Fixed + "0102" + "0304" + "0506" + "0708" + IPv6)]
    [InlineData(3, true, 58, Fixed + "01020000" + "03040000" + "05060000" + "07080000" + IPv6)]
    public void PPPoL2TP(int version, bool ipv6, int size, string expected)
    {
        var peer = SockAddr.From(IPAddress.Parse(ipv6 ? "2001:db8::2" : "192.0.2.2"), 1701);
        var address = new PppoxAddress(version, 7, peer, 0x0201, 0x0403, 0x0605, 0x0807);
        var name = new byte[PppoxAddress.MaximumSize];
        name.AsSpan().Fill(0xff);
        var length = address.Write(name);
        Assert.Equal(size, length);
        Assert.Equal(expected, Convert.ToHexStringLower(name.AsSpan(0, length)));
    }

    [Theory]
    [InlineData("192.0.2.2", "02000000c00002020403020100000000")]
    [InlineData("fe80::2%9", "0a00000000000000" + "fe800000000000000000000000000002" + "09000000" + "04030201")]
    public void L2tpIp(string text, string expected)
    {
        var name = new byte[32];
        name.AsSpan().Fill(0xff);
        var length = L2tpIpAddress.Write(name, SockAddr.From(IPAddress.Parse(text), 1701), 0x01020304);
        Assert.Equal(expected, Convert.ToHexStringLower(name.AsSpan(0, length)));
    }
}
