using System.Net;
using L2tpd.Ipv6.Discovery;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Unit.Tests.Ipv6;

/// <summary>Messages of discovery: as radvd and the kernel write them (ipv6-subscribers.md section 10), and what is not valid.</summary>
public sealed class DiscoveryCodecTests
{
    private const string OfRadvd =
        "8600ca444040070800000000000000000304404000015180000038400000000020010db8000f000700000000000000001905000000000708"
        + "20010db800000000000000000000005320010db80000000000000000000000541f03000000000708076578616d706c65036e657400000000"
        + "05010000000005b4";

    private static readonly RouterAdvertisement _advertisement = new()
    {
        HasOtherSettings = true,
        RouterLifetime = 1800,
        Prefixes = [new AdvertisedPrefix(IPNetwork.Parse("2001:db8:f:7::/64"), 86_400, 14_400)],
        Dns = [DiscoveryPackets.AddressOf("2001:db8::53"), DiscoveryPackets.AddressOf("2001:db8::54")],
        DomainSearch = ["example.net"],
        DnsLifetime = 1800,
        Mtu = 1460,
    };

    [Fact]
    public void An_advertisement_is_that_of_radvd()
    {
        var packet = Write(_advertisement, Ipv6Address.AllNodes);
        Assert.Equal(OfRadvd, Convert.ToHexStringLower(packet.AsSpan(Ipv6Packet.HeaderSize)));
        Assert.Equal("6000000000783aff" + DiscoveryPackets.Hex("fe80::1") + DiscoveryPackets.Hex("ff02::1"),
            Convert.ToHexStringLower(packet.AsSpan(0, Ipv6Packet.HeaderSize)));
        var direct = Write(_advertisement, DiscoveryPackets.AddressOf(DiscoveryPackets.Peer));
        Assert.Equal("8600ca99", Convert.ToHexStringLower(direct.AsSpan(Ipv6Packet.HeaderSize, 4)));
    }

    [Theory]
    [InlineData("::/0", "1801000000000708")]
    [InlineData("2001:db8:5::/48", "180230000000070820010db800050000")]
    [InlineData("2001:db8:5::/64", "180240000000070820010db800050000")]
    [InlineData("2001:db8::1/128", "180380000000070820010db8000000000000000000000001")]
    public void A_route_takes_as_many_octets_as_its_prefix(string network, string expected)
    {
        var packet = Write(new RouterAdvertisement { Routes = [IPNetwork.Parse(network)], RouteLifetime = 1800 }, Ipv6Address.AllNodes);
        Assert.Equal(expected, Convert.ToHexStringLower(packet.AsSpan(Ipv6Packet.HeaderSize + 16)));
    }

    [Fact]
    public void Flags_and_lifetime_are_in_their_places()
    {
        var packet = Write(new RouterAdvertisement { IsManaged = true, HasOtherSettings = true, RouterLifetime = 0x102 },
            Ipv6Address.AllNodes);
        Assert.Equal("40c00102", Convert.ToHexStringLower(packet.AsSpan(Ipv6Packet.HeaderSize + 4, 4)));
        Assert.Equal("40000000", Convert.ToHexStringLower(Write(new RouterAdvertisement(), Ipv6Address.AllNodes)
            .AsSpan(Ipv6Packet.HeaderSize + 4, 4)));
    }

    [Fact]
    public void Options_that_do_not_fit_are_left_out_as_a_whole()
    {
        var routes = Enumerable.Range(0, 200).Select(static i => new IPNetwork(IPAddress.Parse($"2001:db8:{i:x}::"), 48));
        var packet = Write(_advertisement with { Routes = [.. routes] }, Ipv6Address.AllNodes);
        Assert.Equal(RouterAdvertisement.LargestPacket, packet.Length);
        Assert.Equal("1802300000000000", Convert.ToHexStringLower(packet.AsSpan(packet.Length - 16, 8)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("bücher.example")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.example")]
    public void A_domain_that_DNS_cannot_carry_is_left_out(string domain)
    {
        var packet = Write(new RouterAdvertisement { DomainSearch = [domain], DnsLifetime = 1 }, Ipv6Address.AllNodes);
        Assert.Equal(Ipv6Packet.HeaderSize + 16, packet.Length);
    }

    [Theory]
    [InlineData("8500000000000000", DiscoveryPackets.Peer, "ff02::2")]
    [InlineData("8500000000000000", "::", "ff02::2")]
    [InlineData("85000000000000000101020304050607", DiscoveryPackets.Peer, "fe80::1")]
    [InlineData("8500000000000000fe02000000000000" + "0000000000000000", DiscoveryPackets.Peer, "ff02::2")]
    public void Router_solicitations_are_read(string message, string source, string destination)
    {
        Assert.True(Solicitation.TryParse(DiscoveryPackets.Of(message, source, destination), out var read));
        Assert.Equal((DiscoveryType.RouterSolicitation, source), (read.Type, read.Source.ToString()));
    }

    [Theory]
    [InlineData("85000000000000", DiscoveryPackets.Peer)]
    [InlineData("8501000000000000", DiscoveryPackets.Peer)]
    [InlineData("8400000000000000", DiscoveryPackets.Peer)]
    [InlineData("850000000000000001010203", DiscoveryPackets.Peer)]
    [InlineData("85000000000000000100020304050607", DiscoveryPackets.Peer)]
    [InlineData("85000000000000000102020304050607", DiscoveryPackets.Peer)]
    [InlineData("85000000000000000101020304050607", "::")]
    public void Router_solicitations_that_the_RFC_forbids_are_not(string message, string source) =>
        Assert.False(Solicitation.TryParse(DiscoveryPackets.Of(message, source), out _));

    [Fact]
    public void A_solicitation_from_behind_a_router_or_with_a_wrong_checksum_is_not_read()
    {
        Assert.False(Solicitation.TryParse(DiscoveryPackets.Of(DiscoveryPackets.RouterSolicitation, hopLimit: 254), out _));
        var packet = DiscoveryPackets.Of(DiscoveryPackets.RouterSolicitation);
        packet[^1] ^= 1;
        Assert.False(Solicitation.TryParse(packet, out _));
    }

    [Theory]
    [InlineData("fe80::1", DiscoveryPackets.Peer, "ff02::1:ff00:1", true)]
    [InlineData("fe80::1", DiscoveryPackets.Peer, "fe80::1", true)]
    [InlineData("fe80::1", "::", "ff02::1:ff00:1", true)]
    [InlineData("fe80::1", "::", "fe80::1", false)]
    [InlineData("ff02::1", DiscoveryPackets.Peer, "ff02::1", false)]
    public void Neighbour_solicitations_are_read_if_they_are_valid(string target, string source, string destination, bool isValid) =>
        Assert.Equal(isValid, Solicitation.TryParse(
            DiscoveryPackets.Of(DiscoveryPackets.NeighbourSolicitation(target), source, destination), out _));

    [Fact]
    public void The_vectors_of_the_kernel_and_of_ndisc6_are_valid()
    {
        // Their checksums are those of the captures.
        var kernel = DiscoveryPackets.Of("8500000000000000");
        Assert.Equal("85007d0900000000", Convert.ToHexStringLower(kernel.AsSpan(Ipv6Packet.HeaderSize)));
        var ndisc6 = DiscoveryPackets.Of(
            "8700000000000000fe8000000000000000000000000000010101000000000000", destination: "ff02::1:ff00:1");
        Assert.Equal("87007c6d", Convert.ToHexStringLower(ndisc6.AsSpan(Ipv6Packet.HeaderSize, 4)));
        Assert.True(Solicitation.TryParse(ndisc6, out var read));
        Assert.Equal(DiscoveryPackets.AddressOf("fe80::1"), read.Target);
    }

    [Fact]
    public void The_answer_to_a_neighbour_is_that_of_the_kernel()
    {
        var packet = new byte[NeighbourAdvertisement.PacketSize];
        var ours = DiscoveryPackets.AddressOf("fe80::1");
        NeighbourAdvertisement.Write(
            packet, new Solicitation(DiscoveryType.NeighbourSolicitation, DiscoveryPackets.AddressOf(DiscoveryPackets.Peer), ours), true);
        Assert.Equal("8800bbf9c0000000fe800000000000000000000000000001", Convert.ToHexStringLower(packet.AsSpan(Ipv6Packet.HeaderSize)));
        NeighbourAdvertisement.Write(packet, new Solicitation(DiscoveryType.NeighbourSolicitation, default, ours), false);
        Assert.Equal("00000000", Convert.ToHexStringLower(packet.AsSpan(Ipv6Packet.HeaderSize + 4, 4)));
        Assert.True(Ipv6Packet.TryParse(packet, out var read));
        Assert.Equal(Ipv6Address.AllNodes, read.Destination);
    }

    private static byte[] Write(RouterAdvertisement advertisement, Ipv6Address destination)
    {
        var packet = new byte[RouterAdvertisement.LargestPacket];
        return packet[..advertisement.Write(packet, Ipv6Address.LinkLocal(1), destination)];
    }
}
