using System.Net;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>What the attributes of an Access-Accept give the user.</summary>
public sealed class AuthorisationTests
{
    [Fact]
    public void Every_attribute_that_is_read_reaches_the_authorisation()
    {
        var read = Read(static (ref PacketBuilder packet) =>
        {
            packet.AddText(AttributeType.UserName, "alice@isp");
            packet.AddUInt32(AttributeType.FramedIpAddress, 0x0a630008);
            packet.AddUInt32(AttributeType.FramedIpNetmask, 0xffffff00);
            packet.AddText(AttributeType.FramedPool, "gold");
            packet.AddText(AttributeType.FramedRoute, "198.51.100.0/24 0.0.0.0 5");
            packet.AddText(AttributeType.FramedRoute, "192.0.2.1");
            packet.AddUInt32(AttributeType.FramedMtu, 1300);
            packet.AddUInt32(AttributeType.SessionTimeout, 3_600);
            packet.AddUInt32(AttributeType.IdleTimeout, 60);
            packet.AddUInt32(AttributeType.AcctInterimInterval, 30);
            packet.AddUInt32(AttributeType.PortLimit, 2);
            packet.Add(AttributeType.Class, [1, 2]);
            packet.Add(AttributeType.Class, [3]);
            packet.AddText(AttributeType.FilterId, "f1");
            packet.AddText(AttributeType.FilterId, "f2");
            packet.Add(AttributeType.ChargeableUserIdentity, [9]);
            packet.Add(AttributeType.FramedInterfaceId, [0, 0, 0, 0, 0, 0, 0, 5]);
            packet.Add(AttributeType.FramedIpv6Prefix, Convert.FromHexString("004020010db8000f0007"));
            packet.Add(AttributeType.DelegatedIpv6Prefix, Convert.FromHexString("003820010db8770000"));
            packet.AddVendor(VendorId.Ascend, 135, [10, 0, 0, 9]);
            packet.AddVendor(VendorId.Microsoft, 28, [10, 0, 0, 1]);
            packet.AddVendor(VendorId.Erx, 5, [10, 0, 0, 2]);
            packet.AddVendor(VendorId.Microsoft, 30, [10, 0, 0, 3]);
            packet.AddVendor(VendorId.Microsoft, 31, [10, 0, 0, 4]);
        });
        Assert.Equal((AddressSource.Fixed, "10.99.0.8", 24, "gold"),
            (read.AddressSource, read.Address.ToString(), read.PrefixLength, read.Pool));
        Assert.Equal([new(IPNetwork.Parse("198.51.100.0/24"), null, 5), new FramedRoute(IPNetwork.Parse("192.0.2.1/32"), null, 0)],
            read.Routes.ToArray());
        Assert.Equal((1300, 3_600_000L, 60_000L, 60_000L, 2u),
            (read.Mtu, read.SessionTimeout, read.IdleTimeout, read.InterimInterval, read.PortLimit));
        Assert.Equal(["0102", "03"], read.Class.Select(static value => Convert.ToHexStringLower(value.AsSpan())));
        Assert.Equal(["f1", "f2"], read.Filters.ToArray());
        Assert.Equal((9, 5ul), (Assert.Single(read.ChargeableUserIdentity), read.PeerInterfaceIdentifier));
        Assert.Equal("2001:db8:f:7::/64", Assert.Single(read.Ipv6Prefixes).ToString());
        Assert.Equal("2001:db8:7700::/56", Assert.Single(read.DelegatedPrefixes).ToString());
        Assert.Equal(("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"), (read.PrimaryDns.ToString(), read.SecondaryDns.ToString(),
            read.PrimaryNbns.ToString(), read.SecondaryNbns.ToString()));
    }

    [Fact]
    public void Vendors_attributes_for_IPv6_count_where_the_standard_ones_are_missing()
    {
        var read = Read(static (ref PacketBuilder packet) =>
        {
            packet.AddVendor(VendorId.Huawei, 154, Convert.FromHexString("20010db80000000000000000000000aa"));
            packet.AddVendor(VendorId.Erx, 48, Convert.FromHexString("20010db8000000000000000000000054"));
            packet.AddVendor(VendorId.Erx, 47, Convert.FromHexString("20010db8000000000000000000000053"));
            packet.AddVendor(VendorId.Erx, 47, [1, 2, 3]);
            packet.AddVendor(VendorId.Erx, 129, Convert.FromHexString("004020010db8000f0007"));
            packet.AddVendor(VendorId.Erx, 161, "erx-homes"u8);
            packet.AddVendor(VendorId.Mikrotik, 22, "homes"u8);
            packet.AddVendor(VendorId.Nokia, 99, Convert.FromHexString("20010db8000a00000000000000000005"));
            packet.AddVendor(VendorId.Nokia, 181, "links"u8);
        });
        Assert.Equal("2001:db8::53 2001:db8::54", string.Join(' ', read.Ipv6Dns));
        Assert.Equal("2001:db8:f:7::/64", Assert.Single(read.Ipv6Prefixes).ToString());
        Assert.Equal("2001:db8:a::5", Assert.Single(read.Ipv6Addresses).ToString());
        Assert.Equal(("links", "homes"), (read.Ipv6PrefixPool, read.DelegatedPrefixPool));

        read = Read(static (ref PacketBuilder packet) =>
        {
            packet.AddVendor(VendorId.Erx, 47, Convert.FromHexString("20010db8000000000000000000000053"));
            packet.Add(AttributeType.DnsServerIpv6Address, Convert.FromHexString("20010db80000000000000000000000bb"));
            packet.AddVendor(VendorId.Erx, 129, Convert.FromHexString("004020010db8000f0007"));
            packet.Add(AttributeType.FramedIpv6Prefix, Convert.FromHexString("004020010db8000f0008"));
            packet.AddText(AttributeType.DelegatedIpv6PrefixPool, "standard");
            packet.AddVendor(VendorId.Mikrotik, 22, "homes"u8);
        });
        Assert.Equal("2001:db8::bb", Assert.Single(read.Ipv6Dns).ToString());
        Assert.Equal("2001:db8:f:8::/64", Assert.Single(read.Ipv6Prefixes).ToString());
        Assert.Equal("standard", read.DelegatedPrefixPool);
    }

    [Theory]
    [InlineData("ipv6:prefix#1=2001:db8:f:7::1/64 0 0 onlink autoconfig", "2001:db8:f:7::/64", "", null)]
    [InlineData("ipv6:prefix#1=2001:db8::/129", "", "", null)]
    [InlineData("ipv6:prefix#1=10.0.0.0/8", "", "", null)]
    [InlineData("ipv6:prefix#1", "", "", null)]
    [InlineData("ipv6:delegated-prefix=2001:db8:7700::/56", "", "2001:db8:7700::/56", null)]
    [InlineData("ipv6:addr-pool=links", "", "", "links")]
    [InlineData("ipv6:addr-pool=", "", "", null)]
    [InlineData("ip:addr-pool=links", "", "", null)]
    public void Pairs_of_Cisco_for_IPv6_are_read(string pair, string prefix, string delegated, string? pool)
    {
        var read = Read((ref PacketBuilder packet) => packet.AddVendor(VendorId.Cisco, 1, System.Text.Encoding.UTF8.GetBytes(pair)));
        Assert.Equal((prefix, delegated, pool),
            (string.Join(' ', read.Ipv6Prefixes), string.Join(' ', read.DelegatedPrefixes), read.Ipv6PrefixPool));
    }

    [Theory]
    [InlineData(0xffff_fffeu, AddressSource.Pool)]
    [InlineData(0xffff_ffffu, AddressSource.PeerChooses)]
    public void The_two_special_addresses_name_a_source(uint address, AddressSource expected) => Assert.Equal(expected,
        Read((ref PacketBuilder packet) => packet.AddUInt32(AttributeType.FramedIpAddress, address)).AddressSource);

    [Fact]
    public void Addresses_name_servers_routes_and_pools_of_IPv6_are_read()
    {
        var read = Read(static (ref PacketBuilder packet) =>
        {
            packet.Add(AttributeType.FramedIpv6Address, Convert.FromHexString("20010db8000a00000000000000000005"));
            packet.Add(AttributeType.DnsServerIpv6Address, Convert.FromHexString("20010db8000000000000000000000053"));
            packet.Add(AttributeType.DnsServerIpv6Address, Convert.FromHexString("20010db8000000000000000000000054"));
            packet.Add(AttributeType.DnsServerIpv6Address, [1, 2, 3]);
            packet.Add(AttributeType.RouteIpv6Information, Convert.FromHexString("002020010db8"));
            packet.AddText(AttributeType.FramedIpv6Pool, "links");
            packet.AddText(AttributeType.DelegatedIpv6PrefixPool, "homes");
            packet.AddText(AttributeType.StatefulIpv6AddressPool, "hosts");
        });
        Assert.Equal("2001:db8:a::5", Assert.Single(read.Ipv6Addresses).ToString());
        Assert.Equal("2001:db8::53 2001:db8::54", string.Join(' ', read.Ipv6Dns));
        Assert.Equal("2001:db8::/32", Assert.Single(read.AdvertisedRoutes).ToString());
        Assert.Equal(("links", "homes", "hosts"), (read.Ipv6PrefixPool, read.DelegatedPrefixPool, read.Ipv6AddressPool));
    }

    [Fact]
    public void What_is_malformed_or_out_of_range_counts_as_absent() => Assert.Equal(
        Shape(Read(static (ref PacketBuilder _) => { })),
        Shape(Read(static (ref PacketBuilder packet) =>
        {
            packet.Add(AttributeType.FramedIpAddress, [1, 2, 3]);
            packet.AddUInt32(AttributeType.FramedIpNetmask, 0xff00ff00);
            packet.AddUInt32(AttributeType.FramedMtu, 300);
            packet.Add(AttributeType.SessionTimeout, [1, 2, 3, 4, 5]);
            packet.AddUInt32(AttributeType.AcctInterimInterval, 0);
            packet.Add(AttributeType.FilterId, []);
            packet.AddText(AttributeType.FramedRoute, "nonsense");
            packet.Add(AttributeType.FramedIpv6Prefix, [0, 200, 1]);
            packet.Add(AttributeType.FramedInterfaceId, [1]);
            packet.Add(AttributeType.VendorSpecific, [0, 0, 1]);
            packet.AddVendor(VendorId.Microsoft, 28, [10, 0, 0]);
        })));

    [Theory]
    [InlineData("2001:db8:5::/48 fe80::1 3", "2001:db8:5::/48 via fe80::1 3")]
    [InlineData("2001:db8:5:7::/48 :: 3", "2001:db8:5::/48 via  3")]
    [InlineData("2001:db8::7", "2001:db8::7/128 via  0")]
    [InlineData("::/0", "::/0 via  0")]
    [InlineData("2001:db8::/129", "")]
    [InlineData("2001:db8::/x", "")]
    [InlineData("fe80::1%3/64", "")]
    [InlineData("10.0.0.0/8", "")]
    [InlineData("2001:db8::/32 gateway", "")]
    public void A_Framed_IPv6_Route_is_read(string text, string expected) => Assert.Equal(expected, string.Concat(
        Read((ref PacketBuilder packet) => packet.AddText(AttributeType.FramedIpv6Route, text)).Routes
            .Select(static route => $"{route.Destination} via {route.Gateway} {route.Metric}")));

    [Fact]
    public void Pools_addresses_and_name_servers_of_IPv6_are_read_in_order()
    {
        var read = Read(static (ref PacketBuilder packet) =>
        {
            packet.AddText(AttributeType.FramedIpv6Pool, "ra");
            packet.AddText(AttributeType.DelegatedIpv6PrefixPool, "pd");
            packet.AddText(AttributeType.StatefulIpv6AddressPool, "na");
            packet.AddAddress(AttributeType.FramedIpv6Address, IPAddress.Parse("2001:db8::7"));
            packet.AddAddress(AttributeType.DnsServerIpv6Address, IPAddress.Parse("2001:db8::54"));
            packet.AddAddress(AttributeType.DnsServerIpv6Address, IPAddress.Parse("2001:db8::53"));
            packet.Add(AttributeType.RouteIpv6Information, Convert.FromHexString("003020010db80005"));
            packet.Add(AttributeType.DnsServerIpv6Address, [1, 2, 3]);
            packet.Add(AttributeType.FramedIpv6Address, [1, 2, 3]);
            packet.Add(AttributeType.RouteIpv6Information, [0, 200, 1]);
        });
        Assert.Equal(("ra", "pd", "na"), (read.Ipv6PrefixPool, read.DelegatedPrefixPool, read.Ipv6AddressPool));
        Assert.Equal("2001:db8::7", string.Join(' ', read.Ipv6Addresses));
        Assert.Equal("2001:db8::54 2001:db8::53", string.Join(' ', read.Ipv6Dns));
        Assert.Equal("2001:db8:5::/48", string.Join(' ', read.AdvertisedRoutes));
    }

    [Theory]
    [InlineData(1u, true)]
    [InlineData(0u, false)]
    public void Termination_Action_and_State_say_what_happens_at_the_end_of_the_time(uint action, bool again)
    {
        var read = Read((ref PacketBuilder packet) =>
        {
            packet.AddUInt32(AttributeType.TerminationAction, action);
            packet.Add(AttributeType.State, [7, 8]);
        });
        Assert.Equal((again, "0708"), (read.ReauthenticateAtTimeout, Convert.ToHexStringLower(read.State.AsSpan())));
    }

    [Theory]
    [InlineData("10.0.0.0", "10.0.0.0/8 via  0")]
    [InlineData("172.16.0.0 192.0.2.1", "172.16.0.0/16 via 192.0.2.1 0")]
    [InlineData("192.0.2.0", "192.0.2.0/24 via  0")]
    [InlineData("192.0.2.7", "192.0.2.7/32 via  0")]
    [InlineData("192.0.2.0/255.255.255.128 0.0.0.0 1 2 -1", "192.0.2.0/25 via  1")]
    [InlineData("192.0.2.9/24 192.0.2.1 -1", "192.0.2.0/24 via 192.0.2.1 0")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0 via  0")]
    [InlineData("192.0.2.0/33", "")]
    [InlineData("192.0.2.0/255.0.255.0", "")]
    [InlineData("192.0.2.0/24 gateway", "")]
    [InlineData("2001:db8::/32", "")]
    public void A_Framed_Route_is_read(string text, string expected) => Assert.Equal(expected, string.Concat(
        Read((ref PacketBuilder packet) => packet.AddText(AttributeType.FramedRoute, text)).Routes
            .Select(static route => $"{route.Destination} via {route.Gateway} {route.Metric}")));

    private static string Shape(Authorisation read) =>
        $"{read with { Class = [], Filters = [], Routes = [], Ipv6Prefixes = [], DelegatedPrefixes = [], Ipv6Addresses = [], Ipv6Dns = [],
            AdvertisedRoutes = [], }} {read.Class.Length} "
            + $"{read.Filters.Length} {read.Routes.Length} {read.Ipv6Prefixes.Length} {read.DelegatedPrefixes.Length}";

    private static Authorisation Read(Attributes attributes)
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        rig.Answer(RadiusCode.AccessAccept, attributes);
        return rig.Result().Authorisation!;
    }
}
