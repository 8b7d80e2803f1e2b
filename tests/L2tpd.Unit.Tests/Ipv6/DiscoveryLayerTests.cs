using System.Collections.Immutable;
using System.Net;
using L2tpd.Ipv6.Discovery;
using L2tpd.Ipv6.Packets;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;
using L2tpd.Unit.Tests.Ppp;

namespace L2tpd.Unit.Tests.Ipv6;

/// <summary>Router advertisement and neighbour discovery on the link of a subscriber with the identifier a:b:c:d.</summary>
public sealed class DiscoveryLayerTests
{
    private const string PeerIdentifier = "000a000b000c000d";
    private static readonly IPNetwork _prefix = IPNetwork.Parse("2001:db8:f:7::/64");

    private readonly DiscoveryCounters _counters = new();
    private DiscoverySettings _settings = new() { IsRouter = true };

    [Fact]
    public void An_advertisement_comes_with_IPv6CP_and_routes_its_prefix()
    {
        var rig = Opened(new Authorisation { Ipv6Prefixes = [_prefix] });
        Assert.Contains($"route {_prefix}", rig.Log);
        var packet = OnlyPacket(rig);
        Assert.Equal(Ipv6Address.AllNodes, AddressAt(packet, 24));
        Assert.Equal(Ipv6Address.LinkLocal(1), AddressAt(packet, 8));
        Assert.Equal("40000708", MessageHex(packet, 4, 4));
        Assert.Equal("0304404000015180000038400000000020010db8000f00070000000000000000" + "05010000000005dc", MessageHex(packet, 16));
    }

    [Fact]
    public void Name_servers_of_the_user_come_before_those_of_the_profile()
    {
        _settings = _settings with { Dns = [DiscoveryPackets.AddressOf("2001:db8::1")], DomainSearch = ["example.net"], HasDhcp = true };
        Assert.Contains("20010db8000000000000000000000001", MessageHex(OnlyPacket(Opened(new Authorisation()))), StringComparison.Ordinal);
        var own = MessageHex(OnlyPacket(Opened(new Authorisation { Ipv6Dns = [IPAddress.Parse("2001:db8::53")] })));
        Assert.Contains("20010db8000000000000000000000053", own, StringComparison.Ordinal);
        Assert.DoesNotContain("20010db8000000000000000000000001", own, StringComparison.Ordinal);
        Assert.Contains("076578616d706c65036e6574", own, StringComparison.Ordinal);
        Assert.Equal("40", MessageHex(OnlyPacket(Opened(new Authorisation())), 5, 1));
    }

    [Theory]
    [InlineData("", "00", "0000")]
    [InlineData("delegated", "40", "0708")]
    [InlineData("address", "c0", "0708")]
    [InlineData("host", "c0", "0708")]
    [InlineData("short", "40", "0708")]
    public void Flags_and_lifetime_say_what_the_user_has(string what, string flags, string lifetime)
    {
        _settings = _settings with { HasDhcp = what.Length > 0 };
        var packet = OnlyPacket(Opened(what switch
        {
            "delegated" => new Authorisation { DelegatedPrefixes = [IPNetwork.Parse("2001:db8:7700::/56")] },
            "address" => new Authorisation { Ipv6Addresses = [IPAddress.Parse("2001:db8::5")] },
            "host" => new Authorisation { Ipv6Prefixes = [IPNetwork.Parse("2001:db8::5/128")] },
            "short" => new Authorisation { Ipv6Prefixes = [IPNetwork.Parse("2001:db8:7700::/56")] },
            _ => new Authorisation(),
        }));
        Assert.Equal(flags + lifetime, MessageHex(packet, 5, 3));
        // No prefix option: a host could make no address from it.
        Assert.Equal("05010000000005dc", MessageHex(packet, 16));
    }

    [Fact]
    public void A_solicitation_is_answered_at_once_to_who_asked()
    {
        var rig = Opened();
        rig.Frames.Clear();
        Assert.True(Receive(rig, DiscoveryPackets.Of(DiscoveryPackets.RouterSolicitation)));
        Assert.Equal(DiscoveryPackets.AddressOf(DiscoveryPackets.Peer), AddressAt(OnlyPacket(rig), 24));
        Receive(rig, DiscoveryPackets.Of(DiscoveryPackets.RouterSolicitation, "::"));
        Assert.Equal(Ipv6Address.AllNodes, AddressAt(OnlyPacket(rig), 24));
        Assert.Equal((2, 0), (_counters.RouterSolicitations, _counters.Invalid));
    }

    [Fact]
    public void A_flood_of_solicitations_costs_few_answers_and_the_last_is_answered()
    {
        var rig = Opened();
        rig.Frames.Clear();
        var solicitation = DiscoveryPackets.Of(DiscoveryPackets.RouterSolicitation);
        const int flood = 100_000;
        for (var i = 0; i < flood; i++)
            Receive(rig, solicitation);
        Assert.Equal(3, rig.AllSent().Length);
        Assert.Equal((flood, flood - 3), (_counters.RouterSolicitations, _counters.TooMany));
        rig.ExpireAt(rig.Now + 3_000);
        Assert.Single(rig.AllSent());
    }

    [Fact]
    public void Three_advertisements_come_soon_and_others_at_random_times()
    {
        var rig = Opened();
        Assert.Single(rig.AllSent());
        for (var i = 0; i < 20; i++)
        {
            var next = rig.Endpoint.NextDeadline - rig.Now;
            var (least, most) = i < 2 ? (8_000, 16_000) : (200_000, 600_000);
            Assert.InRange(next, least, most);
            rig.ExpireAt(rig.Endpoint.NextDeadline);
            Assert.Equal(Ipv6Address.AllNodes, AddressAt(OnlyPacket(rig), 24));
        }
    }

    [Fact]
    public void Our_address_is_looked_for_and_found()
    {
        var rig = Opened();
        rig.Frames.Clear();
        Receive(rig, DiscoveryPackets.Of(DiscoveryPackets.NeighbourSolicitation("fe80::1"), destination: "ff02::1:ff00:1"));
        Assert.Equal("8800bbf9c0000000fe800000000000000000000000000001", MessageHex(OnlyPacket(rig)));
        Receive(rig, DiscoveryPackets.Of(DiscoveryPackets.NeighbourSolicitation("fe80::1"), "::", "ff02::1:ff00:1"));
        Assert.Equal("80000000", MessageHex(OnlyPacket(rig), 4, 4));
        // The peer checks whether its own address is free: it is.
        Receive(rig, DiscoveryPackets.Of(DiscoveryPackets.NeighbourSolicitation("fe80::a:b:c:d"), "::", "ff02::1:ff0c:d"));
        Assert.Empty(rig.Frames);
        Assert.Equal((2, 1, 0), (_counters.NeighbourAdvertisements, _counters.ForOthers, _counters.Invalid));
    }

    [Fact]
    public void A_flood_of_neighbour_solicitations_costs_few_answers()
    {
        var rig = Opened();
        rig.Frames.Clear();
        var solicitation = DiscoveryPackets.Of(DiscoveryPackets.NeighbourSolicitation("fe80::1"), destination: "fe80::1");
        for (var i = 0; i < 100_000; i++)
            Receive(rig, solicitation);
        Assert.Equal(10, rig.AllSent().Length);
    }

    [Theory]
    [InlineData("86000000000007080000000000000000", DiscoveryPackets.Peer)]
    [InlineData("8900000000000000" + "00000000000000000000000000000000" + "00000000000000000000000000000000", DiscoveryPackets.Peer)]
    [InlineData("8500000000000000", "fe80::bad")]
    [InlineData("8800000060000000fe800000000000000000000000000001", DiscoveryPackets.Peer)]
    public void Nothing_that_a_peer_forges_is_believed_or_goes_further(string message, string source)
    {
        var rig = Opened();
        rig.Frames.Clear();
        var before = rig.Endpoint.NextDeadline;
        Assert.True(Receive(rig, DiscoveryPackets.Of(message, source)));
        Assert.Empty(rig.Frames);
        Assert.Equal(before, rig.Endpoint.NextDeadline);
        Assert.Equal(message[1] == '8' ? 0 : 1, _counters.FromPeers + _counters.Invalid);
    }

    [Fact]
    public void Data_and_DHCPv6_are_not_taken()
    {
        var rig = Opened();
        var udp = new byte[Ipv6Packet.UdpDataOffset];
        Ipv6Packet.CompleteUdp(udp, DiscoveryPackets.AddressOf(DiscoveryPackets.Peer), 546, Ipv6Address.AllDhcpServers, 547, 1);
        Assert.False(Receive(rig, udp));
        Assert.False(Receive(rig, DiscoveryPackets.Of("8000000000000000", destination: "fe80::1")));
    }

    [Fact]
    public void Behind_a_shared_interface_without_a_router_only_neighbours_are_answered()
    {
        _settings = new DiscoverySettings();
        var rig = Opened(new Authorisation { Ipv6Prefixes = [_prefix] });
        Assert.DoesNotContain(rig.Log, static line => line.StartsWith("route", StringComparison.Ordinal));
        Receive(rig, DiscoveryPackets.Of(DiscoveryPackets.RouterSolicitation));
        Assert.Empty(rig.Frames);
        Receive(rig, DiscoveryPackets.Of(DiscoveryPackets.NeighbourSolicitation("fe80::1"), destination: "fe80::1"));
        Assert.Equal("40000000", MessageHex(OnlyPacket(rig), 4, 4));
    }

    [Fact]
    public void The_last_advertisement_comes_before_our_Terminate_Request()
    {
        var rig = Opened();
        rig.Frames.Clear();
        rig.Endpoint.Close(PppCloseCause.Administrative, "closed", rig.Now, rig);
        var sent = rig.AllSent();
        Assert.Equal("0057", sent[0][..4]);
        Assert.Equal("40000000", sent[0][(4 + (2 * (Ipv6Packet.HeaderSize + 4)))..][..8]);
        Assert.Equal("c02105", sent[1][..6]);
        Assert.Equal(2, sent.Length);
    }

    [Fact]
    public void A_peer_that_ends_the_link_gets_no_last_advertisement()
    {
        var rig = Opened();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 5, 9);
        Assert.DoesNotContain(rig.AllSent(), static frame => frame.StartsWith("0057", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_IPv6_there_is_no_advertisement_and_no_route()
    {
        var rig = Opened(new Authorisation { Ipv6Prefixes = [_prefix] });
        rig.Frames.Clear();
        // The peer renegotiates IPv6CP.
        rig.Receive(PppProtocol.Ipv6cp, 1, 7, "010a" + PeerIdentifier);
        Assert.Equal($"no route {_prefix}", rig.Log[^1]);
        Assert.False(Receive(rig, DiscoveryPackets.Of(DiscoveryPackets.RouterSolicitation)));
        Assert.DoesNotContain(rig.AllSent(), static frame => frame.StartsWith("0057", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1279, false)]
    [InlineData(1280, true)]
    public void A_link_below_the_least_packet_has_no_IPv6(int mru, bool hasIpv6)
    {
        var rig = new PppRig(new PppProfile { Mru = (ushort)mru, EchoInterval = 0 });
        rig.OpenLcp();
        Assert.Equal(hasIpv6 ? PppState.ReqSent : PppState.Initial, rig.Endpoint.StateOf(PppProtocol.Ipv6cp));
    }

    private PppRig Opened(Authorisation? authorisation = null)
    {
        var rig = new PppRig(new PppProfile
        {
            Server = true,
            Ipv4 = false,
            EchoInterval = 0,
            InterfaceIdentifier = 1,
            RequireFromPeer = authorisation is null ? [] : ImmutableArray.Create(AuthenticationProtocol.Pap),
            NetworkLayers = [new DiscoveryLayerFactory(_settings, new CountingRandom(0x33), _counters), .. NetworkLayers.Standard],
        });
        rig.OpenLcp();
        if (authorisation is not null)
        {
            rig.Receive(PppProtocol.Pap, 1, 5, "04 75736572 02 7077");
            rig.Endpoint.HandleAuthentication(
                rig.Proofs[^1].Attempt, new AuthenticationResult { Accepted = true, Authorisation = authorisation }, rig.Now, rig);
        }

        rig.AckOwnRequest(PppProtocol.Ipv6cp);
        rig.Receive(PppProtocol.Ipv6cp, 1, 1, "010a" + PeerIdentifier);
        Assert.Contains("ipv6 up", rig.Log);
        rig.Frames.RemoveAll(static frame => frame[2] != 0 || frame[3] != 0x57);
        return rig;
    }

    private static bool Receive(PppRig rig, byte[] packet) => rig.Endpoint.HandlePacket(PppProtocol.Ipv6, packet, rig.Now, rig);

    private static byte[] OnlyPacket(PppRig rig)
    {
        var frame = Convert.FromHexString(rig.Sent());
        Assert.Equal("0057", Convert.ToHexStringLower(frame.AsSpan(0, 2)));
        return frame[2..];
    }

    private static Ipv6Address AddressAt(byte[] packet, int at) => Ipv6Address.Read(packet.AsSpan(at));

    private static string MessageHex(byte[] packet, int from = 0, int? length = null)
    {
        var message = packet.AsSpan(Ipv6Packet.HeaderSize + from);
        return Convert.ToHexStringLower(length is { } octets ? message[..octets] : message);
    }
}
