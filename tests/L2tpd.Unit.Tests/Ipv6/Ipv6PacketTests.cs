using System.Net;
using L2tpd.Ipv6;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Unit.Tests.Ipv6;

/// <summary>IPv6 packets of the link against packets of radvd and of the Linux kernel (ipv6-subscribers.md section 10).</summary>
public sealed class Ipv6PacketTests
{
    private static readonly Ipv6Address _router = Ipv6Address.LinkLocal(1);
    private static readonly Ipv6Address _host = Ipv6Address.From(IPAddress.Parse("fe80::a:b:c:d"));

    private const string AdvertisementOptions =
        "0304404000015180000038400000000020010db8000f000700000000000000001905000000000708"
        + "20010db800000000000000000000005320010db80000000000000000000000541f03000000000708076578616d706c65036e6574000000000501"
        + "0000000005b4";

    [Theory]
    [InlineData("8600ca44" + "404007080000000000000000", "ff02::1")]
    [InlineData("8600ca99" + "404007080000000000000000", "fe80::a:b:c:d")]
    public void The_checksum_is_that_of_radvd(string head, string destination)
    {
        var message = Convert.FromHexString(head + AdvertisementOptions);
        var packet = new byte[Ipv6Packet.HeaderSize + message.Length];
        message.CopyTo(packet, Ipv6Packet.HeaderSize);
        Ipv6Packet.CompleteIcmpv6(packet, _router, Ipv6Address.From(IPAddress.Parse(destination)), 255);
        Assert.Equal(Convert.ToHexStringLower(message), Convert.ToHexStringLower(packet.AsSpan(Ipv6Packet.HeaderSize)));
    }

    [Theory]
    [InlineData("fe80::a:b:c:d", "ff02::2", "85007d0900000000")]
    [InlineData("fe80::1", "fe80::a:b:c:d", "8800bbf9c0000000fe800000000000000000000000000001")]
    public void Checksums_of_the_kernel_are_valid(string source, string destination, string message)
    {
        var octets = PacketOf(source, destination, Convert.FromHexString(message));
        Assert.True(Ipv6Packet.TryParse(octets, out var packet));
        Assert.True(packet.HasValidChecksum);
        Assert.Equal(Ipv6Protocols.Icmpv6, packet.NextHeader);
        octets[^1] ^= 1;
        Assert.True(Ipv6Packet.TryParse(octets, out var changed));
        Assert.False(changed.HasValidChecksum);
    }

    [Fact]
    public void A_datagram_is_read_as_it_was_written()
    {
        var octets = new byte[Ipv6Packet.UdpDataOffset + 3];
        octets[^3] = 1;
        octets[^1] = 0xab;
        Ipv6Packet.CompleteUdp(octets, _router, 547, _host, 546, 64);
        Assert.True(Ipv6Packet.TryParse(octets, out var packet));
        Assert.Equal((_router, _host, 64), (packet.Source, packet.Destination, packet.HopLimit));
        Assert.True(UdpDatagram.TryParse(packet, out var datagram));
        Assert.Equal((547, 546), (datagram.SourcePort, datagram.DestinationPort));
        Assert.Equal("0100ab", Convert.ToHexStringLower(datagram.Data));
    }

    [Fact]
    public void A_datagram_without_checksum_or_with_a_wrong_length_is_refused()
    {
        var octets = new byte[Ipv6Packet.UdpDataOffset + 4];
        Ipv6Packet.CompleteUdp(octets, _router, 547, _host, 546, 64);
        var bare = octets.ToArray();
        bare[46] = bare[47] = 0;
        var longer = octets.ToArray();
        longer[45]++;
        foreach (var wrong in new[] { bare, longer })
        {
            Assert.True(Ipv6Packet.TryParse(wrong, out var packet));
            Assert.False(UdpDatagram.TryParse(packet, out _));
        }
    }

    [Fact]
    public void A_computed_checksum_of_zero_is_sent_as_ffff()
    {
        // Data of two octets that make the sum of the datagram ffff.
        var octets = new byte[Ipv6Packet.UdpDataOffset + 2];
        Ipv6Packet.CompleteUdp(octets, _router, 547, _host, 546, 64);
        octets[^2] = octets[46];
        octets[^1] = octets[47];
        Ipv6Packet.CompleteUdp(octets, _router, 547, _host, 546, 64);
        Assert.Equal("ffff", Convert.ToHexStringLower(octets.AsSpan(46, 2)));
        Assert.True(Ipv6Packet.TryParse(octets, out var packet));
        Assert.True(UdpDatagram.TryParse(packet, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("60")]
    [InlineData("4000000000083aff00000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("6000000000093aff00000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    public void What_is_shorter_than_it_says_is_no_packet(string octets) =>
        Assert.False(Ipv6Packet.TryParse(Convert.FromHexString(octets), out _));

    [Fact]
    public void Addresses_are_recognised()
    {
        Assert.True(_host.IsLinkLocal);
        Assert.Equal("fe80::a:b:c:d", _host.ToString());
        Assert.Equal("ff02::1:ff0c:d", _host.SolicitedNode.ToString());
        Assert.False(Ipv6Address.From(IPAddress.Parse("fe80:1::1")).IsLinkLocal);
        Assert.True(Ipv6Address.AllDhcpServers.IsMulticast);
        Assert.Equal("ff02::1:2", Ipv6Address.AllDhcpServers.ToString());
    }

    private static byte[] PacketOf(string source, string destination, byte[] message)
    {
        var header = new byte[Ipv6Packet.HeaderSize + message.Length];
        message.CopyTo(header, Ipv6Packet.HeaderSize);
        var checksum = message.AsSpan(2, 2).ToArray();
        Ipv6Packet.CompleteIcmpv6(
            header, Ipv6Address.From(IPAddress.Parse(source)), Ipv6Address.From(IPAddress.Parse(destination)), 255);
        checksum.CopyTo(header, Ipv6Packet.HeaderSize + 2);
        return header;
    }
}
