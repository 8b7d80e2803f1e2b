using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Which routes of a user lead to its session, and which session has a route that several claim.</summary>
public sealed class FramedRouteTests
{
    private static readonly IPAddress End = IPAddress.Parse("203.0.113.9");
    private static readonly IPAddress Peer = IPAddress.Parse("10.0.0.10");

    [Theory]
    [InlineData("198.51.100.0/24", "198.51.100.0/24")]
    [InlineData("198.51.100.0/24 10.0.0.10 5", "198.51.100.0/24 metric 5")]
    [InlineData("198.51.100.0/24 198.51.100.1", "198.51.100.0/24")]
    [InlineData("198.51.100.0/24 192.0.2.1", "198.51.100.0/24: its gateway 192.0.2.1 is not behind the session")]
    [InlineData("10.0.0.10/32", "")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0: it is a default route (`framed-routes: { covering: true }` permits it)")]
    [InlineData("128.0.0.0/1", "128.0.0.0/1: it is a default route (`framed-routes: { covering: true }` permits it)")]
    [InlineData("203.0.112.0/23",
        "203.0.112.0/23: it covers the tunnel's other end 203.0.113.9 (`framed-routes: { covering: true }` permits it)")]
    [InlineData("127.0.0.0/8", "127.0.0.0/8: it is no network of hosts")]
    [InlineData("224.0.0.0/4", "224.0.0.0/4: it is no network of hosts")]
    public void A_route_is_installed_unless_it_would_harm_others(string text, string expected) =>
        Assert.Equal(expected, Chosen(new Authorisation { Routes = [FramedRouteText.ParseAny(text)!] }));

    [Theory]
    [InlineData("2001:db8:5::/48", "2001:db8:5::/48")]
    [InlineData("2001:db8:5::/48 fe80::1 2", "2001:db8:5::/48 metric 2")]
    [InlineData("2001:db8:5::/48 2001:db8:1::1", "2001:db8:5::/48")]
    [InlineData("2001:db8:5::/48 2001:db8:2::1", "2001:db8:5::/48: its gateway 2001:db8:2::1 is not behind the session")]
    [InlineData("2000::/3", "2000::/3: it is a default route (`framed-routes: { covering: true }` permits it)")]
    [InlineData("fe80::/64", "fe80::/64: it is no network of hosts")]
    [InlineData("ff05::/16", "ff05::/16: it is no network of hosts")]
    [InlineData("198.51.100.0/24", "")]
    public void The_same_for_IPv6(string text, string expected) => Assert.Equal(expected, Chosen(new Authorisation
    {
        Routes = [FramedRouteText.ParseAny(text)!], Ipv6Prefixes = [IPNetwork.Parse("2001:db8:1::/64")],
    }, isIPv6: true));

    [Theory]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("203.0.112.0/23", "203.0.112.0/23")]
    public void The_operator_can_permit_routes_that_cover_the_tunnel(string text, string expected) => Assert.Equal(expected,
        Chosen(new Authorisation { Routes = [FramedRouteText.ParseAny(text)!] }, new FramedRouteRules(16, Covering: true)));

    [Theory]
    [InlineData(AddressSource.Fixed, 29, "10.0.0.8/29")]
    [InlineData(AddressSource.Fixed, 32, "")]
    [InlineData(AddressSource.Fixed, 0, "")]
    [InlineData(AddressSource.Pool, 24, "")]
    public void The_network_of_a_fixed_address_is_a_route(AddressSource source, int length, string expected) => Assert.Equal(expected,
        Chosen(new Authorisation { AddressSource = source, Address = Ipv4Address.Parse("10.0.0.10"), PrefixLength = length }));

    [Fact]
    public void Routes_beyond_the_limit_are_left_out_with_one_reason()
    {
        var routes = Enumerable.Range(0, 200).Select(static i => new FramedRoute(IPNetwork.Parse($"198.18.{i}.0/24"), null, 0));
        Assert.Equal(
            "198.18.0.0/24, 198.18.1.0/24, 198.18.2.0/24: the session has 2 routes already (`framed-routes: { limit }`)",
            Chosen(new Authorisation { Routes = [.. routes] }, new FramedRouteRules(2, false)));
        Assert.Equal("198.18.0.0/24: the session has 0 routes already (`framed-routes: { limit }`)",
            Chosen(new Authorisation { Routes = [.. routes] }, new FramedRouteRules(0, false)));
    }

    [Fact]
    public void A_repeated_route_is_one_route() => Assert.Equal("198.51.100.0/24", Chosen(new Authorisation
    {
        Routes = [FramedRouteText.ParseAny("198.51.100.0/24")!, FramedRouteText.ParseAny("198.51.100.0/24 0.0.0.0 7")!],
    }));

    [Fact]
    public void A_route_leads_to_the_lowest_metric_and_of_equals_to_the_first()
    {
        var table = new FramedRouteTable();
        var (backup, first, second) = (new Owner("backup"), new Owner("first"), new Owner("second"));
        var (b, f, s) = (Claim(backup, 10), Claim(first, 1), Claim(second, 1));
        table.Add(b);
        Assert.Equal("+", backup.Calls);
        table.Add(f);
        Assert.Equal(("+-", "+", FramedRouteState.Waiting), (backup.Calls, first.Calls, b.State));
        table.Add(s);
        Assert.Equal(("", FramedRouteState.Waiting, "first"), (second.Calls, s.State, table.HolderOf(s.Destination)));

        table.Remove(f);
        Assert.Equal(("+-", "+", "+-"), (first.Calls, second.Calls, backup.Calls));
        table.Remove(s);
        Assert.Equal(("+-", "+-+"), (second.Calls, backup.Calls));
        table.Remove(b);
        table.Remove(b);
        Assert.Equal(("+-+-", null), (backup.Calls, table.HolderOf(b.Destination)));
    }

    [Fact]
    public void A_session_that_waited_and_left_disturbs_nobody()
    {
        var table = new FramedRouteTable();
        var (first, second) = (new Owner("first"), new Owner("second"));
        var (f, s) = (Claim(first, 0), Claim(second, 0));
        table.Add(f);
        table.Add(s);
        table.Remove(s);
        Assert.Equal(("+", ""), (first.Calls, second.Calls));
        table.Remove(f);
        Assert.Equal(("+-", ""), (first.Calls, second.Calls));
    }

    private static FramedRouteClaim Claim(Owner owner, uint metric) => new(owner, IPNetwork.Parse("198.51.100.0/24"), null, metric);

    private static string Chosen(Authorisation authorisation, FramedRouteRules? rules = null, bool isIPv6 = false) => string.Join(", ",
        new FramedRouteChoice(rules ?? FramedRouteRules.Default, End).Of(authorisation, isIPv6 ? IPAddress.Parse("fe80::7") : Peer, isIPv6)
            .Select(static one => one.Route.Destination + (one.Route.Metric > 0 ? $" metric {one.Route.Metric}" : "")
                + (one.Objection is null ? "" : $": {one.Objection}")));

    private sealed class Owner(string name) : IFramedRouteOwner
    {
        public string Name => name;

        public string Calls { get; private set; } = "";

        public void InstallRoute(FramedRouteClaim claim) => Calls += "+";

        public void UninstallRoute(FramedRouteClaim claim) => Calls += "-";
    }
}
