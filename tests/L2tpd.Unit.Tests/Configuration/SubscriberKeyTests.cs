using L2tpd.Configuration;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>The keys for what a subscriber may have: pools by name, routes, filters.</summary>
public sealed class SubscriberKeyTests
{
    public const string Text = """
        data-plane: userspace
        listen: 0.0.0.0
        peers: { any: { lns: { ppp: x } } }
        pools: { gold: 10.2.0.0/24, "fast lane": [10.3.0.1-10.3.0.9, 10.4.0.0/30] }
        filters: { table: ip mine, required: true }
        radius: { servers: { main: { address: 192.0.2.1, secret: r } }, chargeable-user-identity: true }
        ppp:
          x:
            access: [radius, local]
            auth: chap
            local: 10.0.0.1
            pool: 10.0.0.0/24
            auth-retries: 3
            framed-routes: { limit: 4, covering: true }
            users:
              alice: { password: a, pool: gold, routes: ["192.0.2.0/24", "2001:db8:5::/48 :: 7"], filters: [web, a.b-c] }

        """;

    [Fact]
    public void Every_key_reaches_its_setting()
    {
        var loaded = TemporaryConfiguration.LoadText(Text);
        Assert.Empty(loaded.Errors.Concat(loaded.Warnings).Select(static one => one.ToString()));
        var configuration = loaded.Configuration!;
        Assert.Equal("fast lane 10.3.0.1-10.3.0.9 10.4.0.1-10.4.0.2, gold 10.2.0.1-10.2.0.254", string.Join(", ",
            configuration.Pools.Select(static pool => $"{pool.Key} {string.Join(' ', pool.Value)}")));
        Assert.Equal(new FilterSettings { Family = "ip", Table = "mine", Required = true }, configuration.Filters);
        Assert.True(configuration.Radius!.ChargeableUserIdentity);
        var profile = configuration.PppProfiles["x"];
        Assert.Equal((3, new FramedRouteRules(4, true)), (profile.AuthenticationRetries, profile.FramedRoutes));
        var alice = Assert.Single(profile.Users);
        var routes = alice.Routes.Select(static route => $"{route.Destination} {route.Metric}");
        Assert.Equal(("gold", "192.0.2.0/24 0, 2001:db8:5::/48 7", "web a.b-c"),
            (alice.Pool, string.Join(", ", routes), string.Join(' ', alice.Filters)));
    }

    [Fact]
    public void A_change_of_a_user_is_a_change_of_the_profile()
    {
        var profile = TemporaryConfiguration.LoadText(Text).Configuration!.PppProfiles["x"];
        var alice = profile.Users[0];
        Assert.True(profile.HasSameContent(TemporaryConfiguration.LoadText(Text).Configuration!.PppProfiles["x"]));
        Assert.False(profile.HasSameContent(profile with { Users = [alice with { Routes = [alice.Routes[0]] }] }));
        Assert.False(profile.HasSameContent(profile with { Users = [alice with { Filters = ["web"] }] }));
        Assert.False(profile.HasSameContent(profile with { Users = [alice with { Pool = null }] }));
        Assert.False(profile.HasSameContent(profile with { FramedRoutes = FramedRouteRules.Default }));
    }

    [Theory]
    [InlineData("pools: { x: 10.2.0.0/24 }", "pools.x: the ppp profile x has that name, which means its own pool; choose another name")]
    [InlineData("pools: { g: 10.0.0.128/25 }",
        "ppp.x.pool: 10.0.0.2-10.0.0.9 overlaps 10.0.0.1-10.0.0.9 of pools.g: an address would go to two sessions", "10.0.0.1-10.0.0.9")]
    [InlineData("pools: { g: [10.2.0.0/24, 10.2.0.128/25] }",
        "pools.g: 10.2.0.129-10.2.0.254 overlaps 10.2.0.1-10.2.0.254 of pools.g: an address would go to two sessions")]
    [InlineData("pools: { g: 10.2.0.0 }\nfilters: { table: l2tpd }",
        "filters.table: `l2tpd` is not a table; write its family (inet, ip or ip6) and its name: `inet l2tpd_filters`")]
    [InlineData("filters: { table: arp l2tpd }",
        "filters.table: `arp l2tpd` is not a table; write its family (inet, ip or ip6) and its name: `inet l2tpd_filters`")]
    public void A_mistake_at_the_top_is_an_error(string top, string expected, string? instead = null)
    {
        if (instead is not null)
            top = top.Replace("10.0.0.128/25", instead, StringComparison.Ordinal);
        Assert.Contains(Errors(top, "pool: 10.0.0.2-10.0.0.9"), error => error.EndsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("users: { a: { password: a, pool: gol } }", "ppp.x.users.a.pool: there is no pool `gol` under pools; did you mean `gold`?")]
    [InlineData("users: { a: { password: a, pool: gold, address: 10.0.0.7 } }", "ppp.x.users.a.pool: contradicts `address`")]
    [InlineData("users: { a: { password: a, routes: 192.0.2.0 } }",
        "ppp.x.users.a.routes: `192.0.2.0` is not a route; write `192.0.2.0/24`, or `192.0.2.0/24 0.0.0.0 METRIC`")]
    [InlineData("users: { a: { password: a, filters: [web] } }",
        "ppp.x.users.a.filters: needs the top-level key `filters`, which names the nftables table")]
    [InlineData("users: { a: { password: a, filters: ['a}b'] } }",
        "ppp.x.users.a.filters[0]: `a}b` is not the name of an nftables set: a letter, then letters, digits, `_`, `-` and `.`")]
    [InlineData("users: { a: { password: a } }, framed-routes: { limit: 257 }",
        "ppp.x.framed-routes.limit: 257 is out of range; from 0 to 256")]
    [InlineData("users: { a: { password: a } }, auth-retries: 11", "ppp.x.auth-retries: 11 is out of range; from 0 to 10")]
    public void A_mistake_in_a_profile_is_an_error(string keys, string expected) =>
        Assert.Contains(Errors("pools: { gold: 10.2.0.0/24 }", keys), error => error.EndsWith(expected, StringComparison.Ordinal));

    [Fact]
    public void A_local_address_in_a_pool_of_all_profiles_is_no_error_since_nobody_gets_it() =>
        Assert.Empty(Errors("pools: { gold: 10.0.0.0/24 }", "users: { a: { password: a, pool: gold } }"));

    private static string[] Errors(string top, string keys) => [.. TemporaryConfiguration.LoadText(
        $"{top}\nlisten: 0.0.0.0\npeers: {{ p: {{ lns: {{ ppp: x }} }} }}\n"
        + $"ppp: {{ x: {{ backend: built-in, auth: chap, local: 10.0.0.1, {keys}"
        + (keys.Contains("users", StringComparison.Ordinal) ? "" : ", users: { a: { password: a } }") + " } }\n").Errors
        .Select(static error => error.ToString())];
}
