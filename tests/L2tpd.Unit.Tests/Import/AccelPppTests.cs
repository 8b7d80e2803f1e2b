using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Import;
using L2tpd.Import.AccelPpp;

namespace L2tpd.Unit.Tests.Import;

/// <summary>Configurations of accel-ppp.</summary>
public sealed class AccelPppTests
{
    private const string Modules = "[modules]\nl2tp\nradius\nchap-secrets\nauth_mschap_v2\nauth_chap_md5\nippool\nlog_file\n";

    // An ISP's LNS, in the form of the sample that comes with accel-ppp.
    private const string Isp = """
        [modules]
        log_file
        radius
        l2tp
        pppoe
        auth_mschap_v2
        auth_mschap_v1
        auth_chap_md5
        auth_pap
        ippool
        ipv6pool
        ipv6_nd
        ipv6_dhcp
        pppd_compat
        shaper
        [core]
        thread-count=4
        [common]
        single-session=replace
        max-sessions=5000
        [ppp]
        verbose=1
        min-mtu=1280
        mtu=1400
        mru=1400
        ccp=0
        mppe=deny
        ipv4=require
        ipv6=allow
        lcp-echo-interval=20
        lcp-echo-timeout=120
        unit-cache=1
        [auth]
        interval=600
        max-failure=3
        [l2tp]
        verbose=1
        bind=192.0.2.1
        port=1701
        hello-interval=30
        timeout=60
        rtimeout=2
        rtimeout-cap=16
        retransmit=7
        recv-window=16
        host-name=lns-1
        secret=sesame
        hide-avps=1
        dataseq=prefer
        reorder-timeout=20
        avp_permissive=1
        ifname=l2tp%d
        [pppoe]
        interface=eth0
        [dns]
        dns1=192.0.2.53
        dns2=192.0.2.54
        [wins]
        wins1=192.0.2.55
        [radius]
        nas-identifier=lns-1
        nas-ip-address=192.0.2.1
        gw-ip-address=10.0.0.1
        server=192.0.2.10,testing123,auth-port=1812,acct-port=1813,req-limit=50,fail-timeout=30,max-fail=10,weight=1
        server=192.0.2.11,testing124
        dae-server=192.0.2.1:3799,testing125
        dae-allowed=192.0.2.10,198.51.100.0/24
        timeout=3
        max-try=3
        acct-interim-interval=300
        blast-protection=1
        [client-ip-range]
        192.0.2.0/24
        198.51.100.1-20
        [ip-pool]
        gw-ip-address=10.0.0.1
        attr=Framed-Pool
        10.1.0.0/24
        10.2.0.1-255,name=gold
        10.3.0.1-255,name=silver,next=gold
        10.2.0.0/16
        [ipv6-pool]
        2001:db8:1::/48,64
        delegate=2001:db8:100::/40,56
        [ipv6-dns]
        2001:db8::53
        dnssl=example.net
        [ipv6-dhcp]
        pref-lifetime=3600
        valid-lifetime=7200
        [shaper]
        rate-limit=2048/1024
        up-limiter=police
        [log]
        log-file=/var/log/accel-ppp/accel-ppp.log
        level=3
        [cli]
        tcp=127.0.0.1:2001
        """;

    [Fact]
    public void The_LNS_of_an_ISP_is_imported_with_its_servers_and_pools()
    {
        using var run = Run();
        var (yaml, configuration) = run.Good(Isp);
        Assert.Equal("192.0.2.1:1701", Assert.Single(configuration.Listeners) is var listener ? $"{listener.Address}:{listener.Port}" : "");
        var peer = Assert.Single(configuration.Engine.Peers);
        Assert.Equal((16, true), ((int)peer.ReceiveWindow, peer.HideAvps));
        Assert.Contains("host-name: lns-1", yaml, StringComparison.Ordinal);
        Assert.Equal(["192.0.2.0/24", "198.51.100.1/32", "198.51.100.2/31"], peer.Prefixes.Take(3).Select(static one => one.ToString()));
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(2), 7),
            (peer.Timers.HelloInterval, peer.Timers.RetransmitInitial, peer.Timers.MaxRetransmits));
        Assert.Equal(TimeSpan.FromMilliseconds(20), peer.Session.ReorderTimeout);

        var profile = configuration.PppProfiles["subscribers"];
        Assert.Equal([PppAuthentication.MsChapV2, PppAuthentication.Chap, PppAuthentication.Pap], profile.Authentication);
        Assert.Equal((AccessChoice.Radius, "all", "lns-1"), (profile.Access, profile.RadiusGroup, profile.ServerName));
        Assert.Equal((TimeSpan.FromSeconds(20), 6, 2), (profile.EchoInterval, profile.EchoFailures, profile.AuthenticationRetries));
        Assert.Equal((SameUserPolicy.Replace, TimeSpan.FromMinutes(5)), (profile.SameUser, profile.InterimInterval));
        Assert.Equal("10.1.0.1-10.1.0.254", profile.Pool[0].ToString());
        Assert.True(profile.IPv6Router);
        Assert.Equal(new Ipv6PoolNames("links", "homes", null), profile.Ipv6Pools);
        Assert.Equal(["gold", "silver"], configuration.Pools.Keys);

        Assert.Equal(["server-1", "server-2"], configuration.Radius!.Servers.Select(static server => server.Name));
        Assert.Equal((50, TimeSpan.FromSeconds(30)), (configuration.Radius.Servers[0].MaxRequests, configuration.Radius.DeadTime));
        Assert.Equal("192.0.2.10", Assert.Single(configuration.Radius.DynamicAuthorization!.Clients).Address.ToString());
        foreach (var lost in new[]
            { "[modules] pppoe", "auth_mschap_v1", "pppd_compat", "min-mtu", "ifname = l2tp%d", "the section [pppoe]", "nas-ip-address",
              "dae-allowed", "next=gold", "up-limiter", "the section [cli]" })
        {
            Assert.Contains(lost, yaml, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Local_users_stay_in_chap_secrets()
    {
        using var run = Run();
        var (yaml, configuration) = run.Good("[modules]\nl2tp\nchap-secrets\nauth_mschap_v2\n[l2tp]\nip-pool=main\n[ip-pool]\n"
            + "gw-ip-address=10.0.0.1\n10.9.0.2-9,name=main\n[client-ip-range]\ndisable\n");
        var profile = configuration.PppProfiles["subscribers"];
        Assert.Equal(("bob", AccessChoice.Local), (Assert.Single(profile.Users).Client, profile.Access));
        Assert.Equal("10.9.0.2-10.9.0.9", Assert.Single(profile.Pool).ToString());
        Assert.DoesNotContain("hunter2", yaml, StringComparison.Ordinal);
        Assert.Empty(Assert.Single(configuration.Engine.Peers).Prefixes);
    }

    [Fact]
    public void RADIUS_with_local_users_asks_them_when_no_server_answers()
    {
        using var run = Run();
        var (_, configuration) = run.Good(Modules + "[l2tp]\n[radius]\nserver=192.0.2.10,s3cret\nserver=192.0.2.9,s3cret,backup\n"
            + "gw-ip-address=10.0.0.1\n");
        var profile = configuration.PppProfiles["subscribers"];
        Assert.Equal((AccessChoice.RadiusThenLocal, null), (profile.Access, profile.RadiusGroup));
    }

    [Fact]
    public void Lines_with_secrets_are_not_quoted()
    {
        using var run = Run();
        var result = run.Convert(
            "[radius]\nserver=nonsense,hush\nauth-server=1.2.3.4:1812,hush\ndm_coa_secret=hush\n[l2tp]\nsecret=\u0001hush\n");
        Assert.DoesNotContain("hush", result.Yaml, StringComparison.Ordinal);
        Assert.True(result.Lost >= 4);
    }

    public static TheoryData<string, string> AllKeys()
    {
        var keys = new TheoryData<string, string>();
        foreach (var section in KeyTable.KnownSections.Order(StringComparer.Ordinal))
        {
            foreach (var key in KeyTable.Of(section).Order(StringComparer.Ordinal))
                keys.Add(section, key);
        }

        return keys;
    }

    // A key is in force, or named with a reason.
    [Theory]
    [MemberData(nameof(AllKeys))]
    public void Every_key_is_carried_over_or_named(string section, string key)
    {
        string[] values = ["60", "7", "2", "192.0.2.9", "require", "deny", "text", "2001:db8::1", "192.0.2.1:1,s", "10.7.0.0/24"];
        using var run = Run();
        var without = run.Convert(Base(section, "")).Yaml;
        Assert.Contains(values, value => run.Convert(Base(section, $"{key}={value}")).Yaml != without);
    }

    [Fact]
    public void Random_lines_become_a_configuration_that_loads()
    {
        using var run = Run();
        Seeds.ForEach(60, seed => run.Good(RandomText(new Random((int)seed))));
    }

    private static ImportRun Run() => new ImportRun { Importer = AccelPppImport.Convert }.With("chap-secrets", "bob * hunter2 *\n");

    // One of everything that makes keys count; the line stands last in its section, and sections may come twice.
    private static string Base(string section, string line) => Modules + "ipv6_nd\n[radius]\nserver=192.0.2.10,s3cret\n"
        + "gw-ip-address=10.0.0.1\n[ppp]\nipv6=allow\n[l2tp]\nsecret=s\n[" + section + "]\n" + line + "\n";

    private static string RandomText(Random random)
    {
        var sections = KeyTable.KnownSections.Concat(["modules", "client-ip-range", "pppoe", "x"]).ToArray();
        string[] values = ["1", "0", "-1", "99999999999", "yes", "192.0.2.1", "10.0.0.0/8", "10.0.0.5-3", "a,b", "1.2.3.4,s,auth-port=0",
            "\u2028", "2001:db8::/32,64", "fc00::/7,64", "::/0,0", "\"", "{", "replace", "require", "DIR/chap-secrets",
            "10.0.0.0/16,name=a", ""];
        var text = Modules + "[radius]\ngw-ip-address=10.0.0.1\nserver=192.0.2.10,s\n";
        for (var i = random.Next(1, 30); i > 0; i--)
        {
            var section = sections[random.Next(sections.Length)];
            var keys = KeyTable.Of(section).Append(values[random.Next(values.Length)]).ToArray();
            text += $"[{section}]\n{keys[random.Next(keys.Length)]}={values[random.Next(values.Length)]}\n"
                + $"{values[random.Next(values.Length)]}\n";
        }

        return text.Replace("noauth=1", "noauth=0", StringComparison.Ordinal);
    }
}
