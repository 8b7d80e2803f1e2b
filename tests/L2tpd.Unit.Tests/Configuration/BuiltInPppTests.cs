using System.Net;
using L2tpd.Configuration;
using L2tpd.Configuration.Scalars;
using L2tpd.Ppp;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>The keys of the built-in PPP, and combinations that are errors.</summary>
public sealed class BuiltInPppTests
{
    private const string Head = "listen: 0.0.0.0\npeers: { p: { lns: { ppp: x } } }\nppp:\n  x: ";

    [Fact]
    public void Every_key()
    {
        var profile = TemporaryConfiguration.Good(Head + """
            {
                backend: built-in, auth: [mschap-v2, pap], local: 10.0.0.1, pool: 10.0.0.10, same-user: replace, lcp: renegotiate,
                session-timeout: 2h, idle-timeout: 90s, echo-interval: 1500ms, rechallenge-interval: 5m, nbns: [10.0.0.5, 10.0.0.6],
                users: { alice: { password: a, address: 10.1.0.7 }, "b c": { password: "d e" } } }
            """).PppProfiles["x"];
        Assert.Equal(PppBackend.BuiltIn, profile.Backend);
        Assert.Equal((SameUserPolicy.Replace, ProxyLcpPolicy.Renegotiate), (profile.SameUser, profile.Lcp));
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromSeconds(90)), (profile.SessionTimeout, profile.IdleTimeout));
        Assert.Equal((TimeSpan.FromMinutes(5), "10.0.0.5 10.0.0.6"), (profile.RechallengeInterval, string.Join(' ', profile.Nbns)));
        Assert.Equal(["alice * a 10.1.0.7", "b c * d e "],
            profile.Users.Select(static user => $"{user.Client} {user.Server} {user.Secret} {string.Join(' ', user.Addresses)}"));
    }

    [Fact]
    public void Users_come_before_those_of_the_files()
    {
        using var directory = new TemporaryConfiguration(Head
            + "{ backend: built-in, auth: chap, local: 10.0.0.1, pool: 10.0.0.9, users: { alice: { password: a } }, "
            + "secrets-files: [chap] }");
        directory.Write("chap", "alice * other *\n\"b c\" lns secret 10.1.0.8\nbroken line\n");
        var loaded = directory.Load();
        Assert.Empty(loaded.Errors);
        Assert.Equal(["alice a", "alice other", "b c secret"],
            loaded.Configuration!.PppProfiles["x"].Users.Select(static user => $"{user.Client} {user.Secret}"));
        Assert.Contains("chap:3: a line needs client, server and secret; the line is ignored", Assert.Single(loaded.Warnings).Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("broken line", loaded.Warnings[0].ToString(), StringComparison.Ordinal);
        Assert.Contains(loaded.Files, static file => file.EndsWith("/chap", StringComparison.Ordinal));
    }

    [Fact]
    public void Interface()
    {
        PppProfile Read(string text) => TemporaryConfiguration.Good(Head + "{ backend: built-in, local: 10.0.0.1, pool: 10.0.0.9, " + text
            + " }").PppProfiles["x"];
        Assert.Equal((PppInterfaceShape.Shared, "subscribers0"),
            (Read("interface: { shared: subscribers0 }").Shape, Read("interface: { shared: subscribers0 }").Interface));
        Assert.Equal((PppInterfaceShape.None, null), (Read("interface: none").Shape, Read("interface: none").Interface));
        Assert.Equal((PppInterfaceShape.Own, null), (Read("mss-clamp: true").Shape, Read("mss-clamp: true").Interface));
    }

    [Theory]
    [InlineData("10.99.0.0/16", "10.99.0.0/16")]
    [InlineData("10.0.0.7", "10.0.0.7/32")]
    [InlineData("10.0.0.0/31", "10.0.0.0/31")]
    [InlineData("10.0.0.10-10.0.0.20", "10.0.0.10/31 10.0.0.12/30 10.0.0.16/30 10.0.0.20/32")]
    [InlineData("0.0.0.0-255.255.255.255", "0.0.0.0/0")]
    [InlineData("0.0.0.1-0.0.0.2", "0.0.0.0/30")]
    public void Prefixes_of_a_range(string range, string expected)
    {
        // A pool cannot contain addresses of 0.0.0.0/8; the arithmetic accepts any.
        var ends = range.Split('-');
        var parsed = range.StartsWith('0') ? new AddressRange(IPAddress.Parse(ends[0]), IPAddress.Parse(ends[1]))
            : AddressText.Range.Parse(range).Value!;
        Assert.Equal(expected, string.Join(' ', parsed.ToPrefixes()));
    }

    [Theory]
    [InlineData("{ backend: built-in }", "peers.p.lns.ppp: built-in PPP needs `local`, our own address, for the sessions of peers")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, auth: chap }",
        "peers.p.lns.ppp: built-in PPP with `auth` needs `users` or `secrets-files`: no user could log in")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, program: /x }", "ppp.x.program: is only for `backend: pppd`")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, options: debug }", "ppp.x.options: is only for `backend: pppd`")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, auth: eap, users: { a: { password: b } } }",
        "ppp.x.auth: built-in PPP supports only `pap`, `chap` and `mschap-v2`")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, user: a }",
        "ppp.x.user: needs `password`: built-in PPP does not read our own password from a secrets file")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, pool: 11.0.0.0-13.0.0.0 }",
        "ppp.x.pool: a range of built-in PPP has at most 16777216 addresses, a /8")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, idle-timeout: 1500ms }", "ppp.x.idle-timeout: the kernel counts whole seconds")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, auth: none, secrets-files: gone }", "ppp.x.secrets-files: cannot read")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, auth: none, users: { a: {} } }", "ppp.x.users.a.password: is required")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, auth: none, users: { '*': { password: b } } }", "is not a user's name")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, rate: fast }",
        "ppp.x.rate: `fast` is not a rate; write `DOWN/UP`, each in bit/s, `512k`, `10M`, `1G` or `unlimited`, or one for both")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, rate: { down: 10Mbit } }", "ppp.x.rate.down: `10Mbit` is not a rate; write bit/s")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, rate: { dwn: 1 } }", "ppp.x.rate.dwn: unknown key; did you mean `down`?")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, auth: pap, users: { a: { password: b, rate: 1/2/3 } } }",
        "ppp.x.users.a.rate: `1/2/3` is not a rate")]
    [InlineData("{ backend: pppd, rate: 10M }", "ppp.x.rate")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, interim-interval: 59s }", "ppp.x.interim-interval: is at least 60s")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, interface: {} }", "ppp.x.interface: write a name, `none`, or `{ shared: NAME }`")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, interface: own }", "interface is only for sessions that we dial")]
    [InlineData("{ backend: pppd, interface: none }", "ppp.x.interface: every pppd has its own")]
    [InlineData("{ backend: pppd, mss-clamp: true }", "ppp.x.mss-clamp: is only for `backend: built-in`")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, interface: { shared: s } }\n  y: { backend: built-in, local: 10.0.0.1, interface: "
        + "{ shared: s } }\nlns: { ppp: y }", "ppp.x already has the interface s")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, interface: { shared: s } }\ndata-plane: kernel",
        "ppp.x.interface: a shared interface needs `data-plane: userspace`")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, users: { a: { password: b } } }",
        "ppp.x.users: needs `auth`: without it no user is asked for a password")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, secrets-files: [] }",
        "ppp.x.secrets-files: needs `auth`: without it no user is asked for a password")]
    [InlineData("{ backend: built-in, local: 10.0.0.1, nbns: [10.0.0.5, 10.0.0.6, 10.0.0.7] }",
        "ppp.x.nbns: PPP has room for two NetBIOS name servers")]
    [InlineData("{ rechallenge-interval: 60s }", "ppp.x.rechallenge-interval: needs `auth` with a challenge")]
    [InlineData("{ rechallenge-interval: 60s, auth: pap }", "ppp.x.rechallenge-interval: needs `auth` with a challenge")]
    [InlineData("{ rechallenge-interval: 1500ms, auth: chap }", "ppp.x.rechallenge-interval: is in whole seconds")]
    [InlineData("{ rechallenge-interval: 2d, auth: chap }", "ppp.x.rechallenge-interval: is at most 1d")]
    [InlineData("{ backend: pppd, users: { a: { password: b } } }", "ppp.x.users: is only for `backend: built-in`")]
    [InlineData("{ backend: pppd, lcp: proxy }", "ppp.x.lcp: is only for `backend: built-in`")]
    public void Error(string profile, string expected)
    {
        var error = Assert.Single(TemporaryConfiguration.LoadText(Head + profile).Errors);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true, PppBackend.Pppd)]
    [InlineData("", false, PppBackend.BuiltIn)]
    [InlineData("backend: auto", true, PppBackend.Pppd)]
    [InlineData("backend: auto", false, PppBackend.BuiltIn)]
    [InlineData("backend: pppd", false, PppBackend.Pppd)]
    [InlineData("backend: built-in", true, PppBackend.BuiltIn)]
    [InlineData("options: debug", false, PppBackend.Pppd)]
    [InlineData("auth: eap", false, PppBackend.Pppd)]
    [InlineData("user: a", false, PppBackend.Pppd)]
    [InlineData("user: a, password: b", false, PppBackend.BuiltIn)]
    [InlineData("mss-clamp: true", true, PppBackend.BuiltIn)]
    [InlineData("interface: none", true, PppBackend.BuiltIn)]
    public void Auto_takes_what_the_keys_need_or_what_the_machine_can(string profile, bool hasPppd, PppBackend expected)
    {
        using var files = new TemporaryConfiguration(
            $"tunnels: {{ t: {{ lns: 192.0.2.1, sessions: {{ s: {{ ppp: {{ {profile} }} }} }} }} }}");
        files.PppdObstacle = hasPppd ? null : "there is no /usr/sbin/pppd";
        var result = files.Load();
        Assert.Empty(files.Lines(result.Errors));
        Assert.Equal(expected, Assert.Single(result.Configuration!.PppProfiles).Value.Backend);
    }

    [Fact]
    public void An_error_by_what_auto_took_says_why()
    {
        using var files = new TemporaryConfiguration(Head
            + "{ auth: chap, local: 10.0.0.1 }") { PppdObstacle = "there is no /usr/sbin/pppd" };
        Assert.EndsWith("no user could log in (built-in by `backend: auto`: there is no /usr/sbin/pppd)", Assert.Single(files.Load().Errors)
            .ToString());
    }

    [Theory]
    [InlineData("auth: none", "peers.p.lns.ppp: there is neither `pool` nor `remote`: every peer must choose its own IPv4 address, and "
        + "may choose any")]
    [InlineData("auth: none, users: { a: { password: b, address: 10.0.0.7 } }", "every peer must choose its own IPv4 address")]
    [InlineData("auth: chap, users: { a: { password: b } }", "users without an address in their entry get no IPv4 address")]
    [InlineData("auth: chap, users: { a: { password: b, address: 10.0.0.7 } }", null)]
    [InlineData("auth: none, remote: 10.0.0.7", null)]
    [InlineData("auth: none, pool: 10.0.0.7", null)]
    public void Without_a_pool_a_warning_says_which_addresses_sessions_get(string keys, string? expected)
    {
        var loaded = TemporaryConfiguration.LoadText(Head + "{ backend: built-in, local: 10.0.0.1, " + keys + " }");
        Assert.Empty(loaded.Errors);
        if (expected is null)
            Assert.Empty(loaded.Warnings);
        else
            Assert.Contains(expected, Assert.Single(loaded.Warnings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_may_be_in_a_file_of_its_own()
    {
        using var directory = new TemporaryConfiguration("");
        directory.Write("one", "inner\n");
        directory.Write("chap", $"alice * @{directory.Directory}/one *\nbob * @{directory.Directory}/gone *\n");
        directory.Write("l2tpd.yaml", Head + "{ backend: built-in, auth: chap, local: 10.0.0.1, pool: 10.0.0.9, secrets-files: chap }");
        var loaded = directory.Load();
        Assert.Empty(loaded.Errors);
        Assert.Equal("inner", Assert.Single(loaded.Configuration!.PppProfiles["x"].Users).Secret);
        Assert.Contains("chap:2: the secret's file", Assert.Single(loaded.Warnings).Message, StringComparison.Ordinal);
    }
}
