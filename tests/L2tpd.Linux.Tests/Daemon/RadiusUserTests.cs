using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// What FreeRADIUS says of a user and what becomes of it in the LNS: routes, pools by name, filters, limits. One server and one pair of
/// network namespaces for all tests.
/// </summary>
public sealed class RadiusUserTests(RadiusUserTests.Site site) : IClassFixture<RadiusUserTests.Site>
{
    private const string Own = "p: { name: lns1, auth: [chap, mschap-v2, pap], ipv6: true, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.99, "
        + "access: radius }";

    private const string Shared = "p: { name: lns1, interface: { shared: ppptest0 }, auth: [chap, mschap-v2, pap], ipv6: true, "
        + "local: 10.99.0.1, pool: 10.99.0.10-10.99.0.99, access: radius }";

    [Theory]
    [InlineData(Own)]
    [InlineData(Shared)]
    public async Task Networks_behind_a_user_are_reached_and_its_routes_end_with_the_session(string profile)
    {
        using var lns = site.Lns(profile);
        using (var lac = site.Client("user: site, password: pw, ipv6: true"))
        {
            lac.WaitFor("network is up on ppp0");
            site.WaitForRoute(4, "198.51.100.0/24", isThere: true);
            site.WaitForRoute(6, "2001:db8:5::/48", isThere: true);
            NamespacePair.Run($"ip -n {site.Pair.First} -6 route replace 2001:db8:ffff::1 dev ppp0");
            NamespacePair.Ping(site.Pair.Second, "198.51.100.1");
            NamespacePair.Ping(site.Pair.Second, "-I 2001:db8:ffff::1 2001:db8:5::1");
            using var control = new ControlClient($"{lns.Directory}/control.sock");
            Assert.Equal(
                ["10.99.8.8/29 0 installed", "192.0.2.0/24 0 refused", "198.51.100.0/24 7 installed", "2001:db8:5::/48 1 installed"],
                (await control.RoutesAsync()).Items.Select(static route => $"{route.Destination} {route.Metric} {route.State}")
                    .Order(StringComparer.Ordinal));
            lns.WaitFor("the route 192.0.2.0/24 of site is not installed: it covers the tunnel's other end 192.0.2.1");
            var session = Assert.Single((await control.SessionsAsync()).Items);
            var subscriber = (await control.SessionAsync(session.Name)).Subscriber!;
            Assert.Equal(("site", "10.99.8.8/29 198.51.100.0/24 2001:db8:5::/48"), (subscriber.User,
                string.Join(' ', subscriber.Routes!.Order(StringComparer.Ordinal))));
            Assert.InRange(subscriber.SessionSecondsLeft!.Value, 1, 7_200);
            End(lac);
        }

        site.WaitForRoute(4, "198.51.100.0/24", isThere: false);
        site.WaitForRoute(6, "2001:db8:5::/48", isThere: false);
        Assert.DoesNotContain("Internal error", lns.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_line_takes_over_the_network_when_the_first_one_ends()
    {
        using var lns = site.Lns(Shared);
        using var second = site.Client("user: backup, password: pw", "t2");
        second.WaitFor("network is up");
        site.WaitForRoute(4, "198.51.100.0/24", isThere: true);
        using (var first = site.Client("user: site, password: pw"))
        {
            first.WaitFor("network is up");
            // The metric of the first is lower.
            site.WaitForRoute(4, "198.51.100.0/24 dev ppptest0 proto static scope link metric 7", isThere: true);
            site.WaitForRoute(4, "198.51.100.0/24 dev ppptest0 proto static scope link metric 9", isThere: false);
            End(first);
        }

        site.WaitForRoute(4, "198.51.100.0/24 dev ppptest0 proto static scope link metric 9", isThere: true);
    }

    [Fact]
    public void Pools_by_name_and_limits_are_those_of_the_server()
    {
        using var lns = site.Lns(Shared, "pools: { gold: 10.88.0.5-10.88.0.6 }");
        using (var gold = site.Client("user: gold, password: pw"))
        {
            gold.WaitFor("we are 10.88.0.5");
            using var again = site.Client("user: gold, password: pw", "t2");
            lns.WaitFor("user gold is refused (ChapMd5): the user has a session already");
        }

        using (site.Client("user: silver, password: pw"))
            lns.WaitFor("user silver is refused (ChapMd5): there is no pool `silver`: add it to `pools`");
        using (site.Client("user: pptp, password: pw"))
            lns.WaitFor("the Access-Accept of RADIUS server main cannot be used: Tunnel-Type 1 is not L2TP");
        using (site.Client("user: expired, password: pw, auth: mschap-v2"))
            lns.WaitFor("(the password has expired; it must be changed at the server");
    }

    [Fact]
    public void At_the_end_of_its_time_a_user_is_asked_again_and_its_session_goes_on()
    {
        using var lns = site.Lns(Shared);
        using (var lac = site.Client("user: again, password: pw"))
        {
            lac.WaitFor("network is up");
            lns.WaitUntil(() => site.Radius.Output.Split("State = 0x7374617465").Length > 4, "State to be sent twice");
            End(lac);
        }

        var stop = site.Radius.WaitForRecord("Stop", "again");
        Assert.Equal(("NAS-Request", site.Radius.WaitForRecord("Start", "again")["Acct-Session-Id"], "0x637569"),
            (stop["Acct-Terminate-Cause"], stop["Acct-Session-Id"], stop["Chargeable-User-Identity"]));
        Assert.InRange(int.Parse(stop["Acct-Session-Time"], CultureInfo.InvariantCulture), 2, 60);
        Assert.Single(site.Radius.Records(), static record => record.GetValueOrDefault("User-Name") == "again"
            && record["Acct-Status-Type"] == "Start");
    }

    [Theory]
    [InlineData(Own, "unpaid", "\"ppp0\"")]
    [InlineData(Shared, "web-only", "10.99.0.10")]
    public void A_session_is_in_the_set_that_its_Filter_Id_names(string profile, string set, string element)
    {
        NamespacePair.Run($"ip netns exec {site.Pair.Second} nft -f {Repository}/config/nftables/filters.nft");
        // As a killed daemon left it.
        NamespacePair.Run($"ip netns exec {site.Pair.Second} nft add element inet l2tpd_filters web-only "
            + "'{ 10.99.0.77 comment \"l2tpd\", 10.99.0.78 comment \"mine\" }'");
        using var lns = site.Lns(profile, "filters: {}");
        using (var lac = site.Client($"user: {set}, password: pw"))
        {
            lac.WaitFor("network is up");
            lns.WaitUntil(() => Elements(set).Contains($"{element} comment \"l2tpd\"", StringComparison.Ordinal), "the element");
            Assert.DoesNotContain("10.99.0.77", Elements("web-only"), StringComparison.Ordinal);
            NamespacePair.Run($"ip netns exec {site.Pair.Second} nft -f {Repository}/config/nftables/filters.nft");
            lns.Signal(Hangup);
            lns.WaitUntil(() => Elements(set).Contains($"{element} comment \"l2tpd\"", StringComparison.Ordinal), "the element again");
            End(lac);
        }

        lns.WaitUntil(() => !Elements(set).Contains(element, StringComparison.Ordinal), "the element to leave");
        using (var lac = site.Client("user: absent, password: pw"))
        {
            lns.WaitFor("cannot set the filter absent of absent: there is no set of this name in table inet l2tpd_filters; the session "
                + "stays up without it");
        }
    }

    [Fact]
    public void Where_filters_are_required_a_session_without_its_filter_ends()
    {
        NamespacePair.Run($"ip netns exec {site.Pair.Second} nft -f {Repository}/config/nftables/filters.nft");
        using var lns = site.Lns(Shared, "filters: { required: true }");
        using var lac = site.Client("user: unpaid, password: pw");
        lns.WaitFor("the filter unpaid cannot be set: its elements are interfaces, and the session has none of its own");
        lac.WaitFor("the peer sent CDN");
    }

    private const int Hangup = 1;

    /// <summary>A daemon that is killed leaves its session to the echoes of the LNS.</summary>
    private static void End(DaemonProcess lac)
    {
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
    }

    private static string Repository => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    private string Elements(string set) =>
        NamespacePair.Run($"ip netns exec {site.Pair.Second} nft list set inet l2tpd_filters {set}");

    /// <summary>The namespaces and the server.</summary>
    public sealed class Site : IDisposable
    {
        private const string Users = """
            site Cleartext-Password := "pw"
                Framed-IP-Address = 10.99.8.9, Framed-IP-Netmask = 255.255.255.248, Framed-Route = "198.51.100.0/24 0.0.0.0 7",
                Framed-Route += "192.0.2.0/24", Framed-IPv6-Route = "2001:db8:5::/48 :: 1", Session-Timeout = 7200
            backup Cleartext-Password := "pw"
                Framed-Route = "198.51.100.0/24 0.0.0.0 9"
            gold Cleartext-Password := "pw"
                Framed-Pool = "gold", Port-Limit = 1
            silver Cleartext-Password := "pw"
                Framed-Pool = "silver"
            pptp Cleartext-Password := "pw"
                Tunnel-Type = PPTP
            expired Cleartext-Password := "pw", Auth-Type := Reject
                MS-CHAP-Error = "\001E=648 R=0 C=000102030405060708090a0b0c0d0e0f V=3 M=Password Expired"
            again Cleartext-Password := "pw"
                Session-Timeout = 1, Termination-Action = RADIUS-Request, State = 0x7374617465, Chargeable-User-Identity = 0x637569
            unpaid Cleartext-Password := "pw"
                Filter-Id = "unpaid", Filter-Id += "10000/20000"
            web-only Cleartext-Password := "pw"
                Filter-Id = "web-only"
            absent Cleartext-Password := "pw"
                Filter-Id = "absent"

            """;

        public Site()
        {
            Pair = new NamespacePair();
            Radius = new FreeRadius(Pair.Second, Users);
            NamespacePair.Run($"ip -n {Pair.First} addr add 198.51.100.1/32 dev lo; ip -n {Pair.First} addr add 2001:db8:5::1/128 dev lo");
            NamespacePair.Run($"ip -n {Pair.Second} addr add 2001:db8:ffff::1/128 dev lo");
        }

        internal NamespacePair Pair { get; }

        internal FreeRadius Radius { get; }

        public void Dispose()
        {
            Radius.Dispose();
            Pair.Dispose();
        }

        internal DaemonProcess Lns(string profile, string more = "") => DaemonProcess.Start(
            $$"""
            data-plane: userspace
            listen: 192.0.2.2
            log: { level: information, format: console }
            peers: { any: { secret: test, lns: { ppp: p } } }
            radius:
              servers: { main: { address: 127.0.0.1, secret: {{FreeRadius.Secret}} } }
              timeout: 2s
              chargeable-user-identity: true
            {{more}}
            ppp:
              {{profile}}

            """, networkNamespace: Pair.Second);

        internal DaemonProcess Client(string ppp, string name = "t") => DaemonProcess.Start(
            $"host-name: {name}\ndata-plane: userspace\nlog: {{ level: information, format: console }}\ntunnels: {{ {name}: {{ "
                + $"lns: 192.0.2.2, secret: test, sessions: {{ s: {{ ppp: {{ backend: built-in, {ppp} }} }} }} }} }}\n",
            networkNamespace: Pair.First);

        internal void WaitForRoute(int family, string text, bool isThere)
        {
            var routes = "";
            for (var i = 0; i < 1_000; i++, Thread.Sleep(20))
            {
                routes = NamespacePair.Run($"ip -n {Pair.Second} -{family} route show");
                if (routes.Contains(text, StringComparison.Ordinal) == isThere)
                    return;
            }

            Assert.Fail($"{text} should {(isThere ? "" : "not ")}be among the routes:\n{routes}");
        }
    }
}
