using System.Net;
using L2tpd.Configuration;
using L2tpd.Import;

namespace L2tpd.Unit.Tests.Import;

/// <summary>Whole configurations of xl2tpd, in the forms that are in use.</summary>
public sealed class Xl2tpdImportTests
{
    // The form of the sample of Debian's package: a concentrator for clients behind IPsec.
    private const string Debian = """
        ; A sample
        [global]
        ; listen-addr = 192.168.1.98
        [lns default]
        ip range = 192.168.1.128-192.168.1.254
        local ip = 192.168.1.99
        require chap = yes
        refuse pap = yes
        require authentication = yes
        name = LinuxVPNserver
        ppp debug = yes
        pppoptfile = DIR/options.xl2tpd
        length bit = yes
        """;

    private const string DebianOptions = """
        ipcp-accept-local
        ipcp-accept-remote
        ms-dns  192.168.1.1
        ms-dns  192.168.1.3
        ms-wins 192.168.1.2
        ms-wins 192.168.1.4
        noccp
        auth
        crtscts
        idle 1800
        mtu 1410
        mru 1410
        nodefaultroute
        debug
        lock
        proxyarp
        connect-delay 5000
        """;

    [Fact]
    public void The_form_of_the_sample_of_Debian_keeps_pppd_for_proxyarp()
    {
        using var run = new ImportRun().With("options.xl2tpd", DebianOptions)
            .With("chap-secrets", "jacco * \"mysecret\" 192.168.1.128/25\n");
        var (yaml, configuration) = run.Good(Debian);
        var profile = configuration.PppProfiles["default"];
        Assert.Equal(PppBackend.Pppd, profile.Backend);
        Assert.Equal([PppAuthentication.Chap], profile.Authentication);
        Assert.Equal("LinuxVPNserver", profile.ServerName);
        Assert.Equal(["debug", "proxyarp", "idle", "1800"], profile.Options);
        Assert.Equal((1410, 1410), (profile.Mtu, profile.Mru));
        Assert.Equal(["192.168.1.1", "192.168.1.3"], profile.Dns.Select(static one => one.ToString()));
        Assert.Equal(["192.168.1.2", "192.168.1.4"], profile.Nbns.Select(static one => one.ToString()));
        Assert.Equal("192.168.1.128-192.168.1.254", Assert.Single(profile.Pool).ToString());
        Assert.Equal(IPAddress.Parse("192.168.1.99"), profile.Local);
        Assert.Contains("# Everything was carried over.", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Built_in_PPP_takes_the_same_file_and_says_what_it_does_not_do()
    {
        using var run = new ImportRun { Ppp = PppChoice.BuiltIn }
            .With("options.xl2tpd", DebianOptions).With("chap-secrets", "jacco * \"mysecret\" 192.168.1.130\n");
        var (yaml, configuration) = run.Good(Debian);
        var profile = configuration.PppProfiles["default"];
        Assert.Equal(PppBackend.BuiltIn, profile.Backend);
        Assert.Equal(TimeSpan.FromMinutes(30), profile.IdleTimeout);
        Assert.Equal("jacco", Assert.Single(profile.Users).Client);
        Assert.Contains("NOT CARRIED OVER: proxyarp", yaml, StringComparison.Ordinal);
        Assert.Contains("NOT CARRIED OVER: debug", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("mysecret", yaml, StringComparison.Ordinal);
    }

    // The form that the scripts for VPN servers write.
    [Fact]
    public void The_form_of_the_scripts_for_servers_becomes_built_in_PPP_without_proxyarp()
    {
        using var run = new ImportRun().With("chap-secrets", "\"road\" l2tpd \"warrior\" *\n")
            .With("options.xl2tpd", "+mschap-v2\nipcp-accept-local\nipcp-accept-remote\nnoccp\nauth\nmtu 1280\nmru 1280\n"
                + "lcp-echo-failure 4\nlcp-echo-interval 30\nconnect-delay 5000\nms-dns 192.0.2.53\n");
        var (yaml, configuration) = run.Good("""
            [global]
            port = 1701

            [lns default]
            ip range = 192.168.42.10-192.168.42.250
            local ip = 192.168.42.1
            require chap = yes
            refuse pap = yes
            require authentication = yes
            name = l2tpd
            pppoptfile = DIR/options.xl2tpd
            length bit = yes
            """);
        var profile = configuration.PppProfiles["default"];
        Assert.Equal(PppBackend.BuiltIn, profile.Backend);
        Assert.Equal([PppAuthentication.MsChapV2, PppAuthentication.Chap], profile.Authentication);
        Assert.Equal(("l2tpd", 1280, TimeSpan.FromSeconds(30), 4),
            (profile.ServerName, profile.Mtu, profile.EchoInterval, profile.EchoFailures));
        Assert.Equal("road", Assert.Single(profile.Users).Client);
        Assert.DoesNotContain("NOT CARRIED OVER", yaml, StringComparison.Ordinal);
    }

    // The form of OpenWrt: options on few lines, the password among them.
    [Fact]
    public void The_form_of_OpenWrt_becomes_a_tunnel_with_its_password()
    {
        using var run = new ImportRun().With("options.wan", "lcp-echo-interval 5 lcp-echo-failure 3\nusepeerdns\nnodefaultroute\n"
            + "user \"alice\" password \"pass \\\"word\"\nipparam \"wan\"\nifname \"l2tp-wan\"\nlcp-max-terminate 0\n"
            + "+ipv6\nmtu 1450 mru 1450\n");
        var (yaml, configuration) = run.Good(
            "[global]\nport = 1701\n[lac l2tp-wan]\nlns = vpn.example.net\npppoptfile = DIR/options.wan\n");
        var tunnel = Assert.Single(configuration.Engine.Tunnels);
        Assert.Equal(("l2tp-wan", "vpn.example.net", 1701), (tunnel.Name, tunnel.Remotes[0].Host, tunnel.SourcePort));
        var profile = Assert.Single(configuration.PppProfiles).Value;
        Assert.Equal(PppBackend.BuiltIn, profile.Backend);
        Assert.Equal(("alice", "pass \"word", "l2tp-wan", true),
            (profile.User, profile.Password!.RevealText(), profile.Interface, profile.RequestDns));
        Assert.Equal((1450, 3), (profile.Mtu, profile.EchoFailures));
        Assert.Contains("# WARNING: there are secrets in this file.", yaml, StringComparison.Ordinal);
        Assert.Contains("NOT CARRIED OVER: ipparam wan", yaml.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lac_takes_its_password_from_chap_secrets_and_dials_again()
    {
        using var run = new ImportRun().With("chap-secrets", "# for us\nmarko lns1 \"blah\" *\n").With("l2tp-secrets", "* * interop\n");
        var (_, configuration) = run.Good("""
            [global]
            auth file = DIR/l2tp-secrets
            listen-addr = 192.0.2.1
            [lac default]
            lns = lns3.example.net
            [lac marko]
            lns = lns.example.net
            lns = lns2.example.net
            redial = yes
            redial timeout = 15
            autodial = yes
            hidden bit = yes
            challenge = yes
            name = marko
            refuse pap = yes
            [lac cisco]
            """);
        Assert.Equal(["marko", "cisco"], configuration.Engine.Tunnels.Select(static one => one.Name));
        var (marko, cisco) = (configuration.Engine.Tunnels[0], configuration.Engine.Tunnels[1]);
        Assert.Equal(["lns.example.net", "lns2.example.net"], marko.Remotes.Select(static one => one.Host));
        Assert.Equal("interop", System.Text.Encoding.UTF8.GetString(marko.Peer.Secret!));
        Assert.True(marko.Peer is { HideAvps: true, Challenge: true });
        Assert.True(cisco.Peer is { HideAvps: false, Challenge: false, Secret: not null });
        Assert.Equal("lns3.example.net", Assert.Single(cisco.Remotes).Host);
        Assert.Equal((true, false), (marko.Persist, cisco.Persist));
        Assert.Equal("192.0.2.1", marko.LocalAddress);
        Assert.Equal("blah", configuration.PppProfiles[marko.Sessions[0].Session.Ppp!].Password!.RevealText());
        Assert.Equal(PppBackend.Pppd, configuration.PppProfiles[cisco.Sessions[0].Session.Ppp!].Backend);
    }

    [Fact]
    public void Secrets_of_several_peers_become_a_profile_for_each_in_their_order()
    {
        using var run = new ImportRun { Secrets = SecretPlace.Files }.With("chap-secrets", "bob * secret *\n")
            .With("l2tp-secrets", "other marko not-ours\nmachine marko blah ; the first\n* zeus two words\n* * rest\n* late never\n");
        const string text = "[global]\nauth file = DIR/l2tp-secrets\n[lns default]\nlocal ip = 10.0.0.1\nip range = 10.0.0.2-10.0.0.9\n";
        var result = run.Convert(text);
        Assert.Equal([("default-marko.secret", "blah"), ("default-zeus.secret", "two words"), ("default.secret", "rest")],
            result.Files.Select(static file => (file.Name, file.Secret)));
        Assert.DoesNotContain("blah", result.Yaml, StringComparison.Ordinal);
        var (_, configuration) = run.Good(text);
        Assert.Equal([("default-marko", "marko"), ("default-zeus", "zeus"), ("default", null)],
            configuration.Engine.Peers.Select(static peer => (peer.Name, peer.HostNamePattern)));
    }

    [Fact]
    public void Sections_with_addresses_of_LACs_come_before_the_default_and_the_last_one_first()
    {
        using var run = new ImportRun().With("chap-secrets", "bob * secret *\n");
        const string text = """
            [lns default]
            local ip = 10.0.0.1
            ip range = 10.0.0.1-10.0.0.9
            [lns one]
            lac = 192.0.2.4-192.0.2.7
            no lac = 192.0.2.6
            local ip = 10.1.0.1
            ip range = 10.1.0.2-9
            [lns two]
            lac = 192.0.2.1
            exclusive = yes
            local ip = 10.2.0.1
            ip range = 10.2.0.2-10.2.0.9
            """;
        var (_, configuration) = run.Good(text);
        Assert.Equal(["two", "one", "default"], configuration.Engine.Peers.Select(static peer => peer.Name));
        Assert.Equal(["192.0.2.4/31", "192.0.2.7/32"], configuration.Engine.Peers[1].Prefixes.Select(static one => one.ToString()));
        Assert.Equal(1, configuration.Engine.Peers[0].MaxTunnels);
        Assert.Equal("10.0.0.2-10.0.0.9", Assert.Single(configuration.PppProfiles["default"].Pool).ToString());
        using var controlled = new ImportRun().With("chap-secrets", "bob * secret *\n");
        var peers = controlled.Good("[global]\naccess control = yes\n" + text).Configuration.Engine.Peers;
        Assert.Equal(["two", "one"], peers.Select(static peer => peer.Name));
    }

    [Fact]
    public void Without_a_file_of_users_pppd_looks_into_its_own()
    {
        using var run = new ImportRun();
        var (_, configuration) = run.Good(
            "[lns default]\nlocal ip = 10.0.0.1\nip range = 10.0.0.2-10.0.0.9\nrequire authentication = yes\n");
        Assert.Equal(PppBackend.Pppd, configuration.PppProfiles["default"].Backend);
    }

    [Fact]
    public void A_server_that_asks_for_no_proof_is_imported_with_a_warning()
    {
        using var run = new ImportRun().With("options", "noauth\n");
        var (yaml, configuration) = run.Good("[lns default]\nlocal ip = 10.0.0.1\nip range = 10.0.0.2-9\npppoptfile = DIR/options\n");
        Assert.Empty(configuration.PppProfiles["default"].Authentication);
        Assert.Contains("WARNING: everybody who reaches this host gets a session", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_shows_no_secret()
    {
        using var run = new ImportRun { Secrets = SecretPlace.Hidden }.With("l2tp-secrets", "* * interop\n")
            .With("options", "user a\npassword b4d\n");
        var (yaml, _) = run.Good("[global]\nauth file = DIR/l2tp-secrets\n[lac a]\nlns = 192.0.2.1\npppoptfile = DIR/options\n");
        Assert.DoesNotContain("interop", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("b4d", yaml, StringComparison.Ordinal);
        Assert.Contains("secret: \"***\"", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("; only comments\n")]
    [InlineData("port = 1701\n[global\n= 3\nnonsense\n[strange]\nkey = value\n[lac]\n[lns]\n[lac x]\nlns = :\n")]
    [InlineData("[lac a]\nlns = 192.0.2.1\nname = \u2028\nhostname = \u0001\n[lns default]\nip range = 224.0.0.1-9\nip range = 5-1\n")]
    [InlineData("[lac none]\nlns = 10.0.0.1\n[lac none]\nlns = 10.0.0.2\n[lac -a]\nlns = a.b\n[lac _a]\nlns = 1.2\n")]
    public void Any_text_becomes_a_configuration_that_loads(string text)
    {
        using var run = new ImportRun();
        run.Good(text);
    }

    [Fact]
    public void Random_lines_become_a_configuration_that_loads()
    {
        using var run = new ImportRun().With("chap-secrets", "bob * secret *\nalice * b\n").With("secrets", "* * s\nmachine a.example b\n")
            .With("options", DebianOptions + "\nuser alice\n");
        Seeds.ForEach(60, seed => run.Good(RandomXl2tpd.Text(new Random((int)seed))));
    }
}
