using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.PppHosting.Userspace;
using L2tpd.Protocol.Data;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>A tunnel's own packets that are routed into it.</summary>
public sealed class TunnelPacketTests
{
    private const string Ipv4 = "45000024" + "00010000" + "40";
    private const string Ends4 = "0000" + "0a000001" + "c6120001";
    private const string Ipv6 = "60000000" + "0010";
    private const string Ends6 = "40" + "fe800000000000000000000000000001" + "20010db8000000000000000000000001";

    [Theory]
    [InlineData(Ipv4 + "11" + Ends4 + "30391a5d00100000", true)]                                       // port 6749 is the tunnel's
    [InlineData(Ipv4 + "11" + Ends4 + "303906a500100000", false)]                                      // another port
    [InlineData(Ipv4 + "01" + Ends4 + "0800000000000000", false)]                                      // a ping of the LNS
    [InlineData(Ipv4 + "11" + "0000" + "0a000001" + "c6120002" + "30391a5d00100000", false)]           // another address
    [InlineData("46000028" + "00010000" + "40" + "11" + Ends4 + "01010101" + "30391a5d00100000", true)] // options
    [InlineData("45000024" + "00010064" + "40" + "11" + Ends4 + "0000000000000000", true)]             // a fragment that is not the first
    [InlineData(Ipv4 + "11" + Ends4, true)]                                                            // cut short
    [InlineData(Ipv6 + "11" + Ends6 + "30391a5d00100000", false)]
    [InlineData("45", false)]
    [InlineData("", false)]
    public void Over_udp(string packet, bool isOwn) =>
        Assert.Equal(isOwn, TunnelPacket.IsTo(Convert.FromHexString(packet), Endpoint.From(IPAddress.Parse("198.18.0.1"), 6_749)));

    [Theory]
    [InlineData(Ipv6 + "11" + Ends6 + "30391a5d00100000", true)]
    [InlineData(Ipv6 + "11" + Ends6 + "303906a500100000", false)]
    [InlineData(Ipv4 + "11" + Ends4 + "30391a5d00100000", false)]
    public void Over_udp_and_ipv6(string packet, bool isOwn) =>
        Assert.Equal(isOwn, TunnelPacket.IsTo(Convert.FromHexString(packet), Endpoint.From(IPAddress.Parse("2001:db8::1"), 6_749)));

    [Theory]
    [InlineData(Ipv4 + "73" + Ends4 + "00000000", true)]
    [InlineData(Ipv4 + "11" + Ends4 + "30391a5d00100000", false)]
    public void Over_ip(string packet, bool isOwn) =>
        Assert.Equal(isOwn, TunnelPacket.IsTo(Convert.FromHexString(packet),
            Endpoint.From(IPAddress.Parse("198.18.0.1"), 0, DataCarrier.Ip)));
}
