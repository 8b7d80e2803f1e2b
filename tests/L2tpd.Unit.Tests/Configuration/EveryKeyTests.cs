using System.Net;
using System.Text;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;
using L2tpd.Radius.Client;
using ProxyLcpPolicy = L2tpd.Ppp.ProxyLcpPolicy;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>One file with every key, and the resulting configuration.</summary>
public sealed class EveryKeyTests
{
    private const string Text = """
        host-name: lns.example
        vendor-name: acme
        data-plane: kernel
        offloads: false
        state-file: /var/lib/l2tpd/state
        state-directory: /var/lib/other
        log: { level: debug, format: json }
        control: { socket: /run/x.sock, mode: 0600, group: adm, admin-group: sudo, read-group: adm }
        metrics: { listen: "[::]:9101", reachable-from: [10.0.0.0/8, 192.0.2.1] }
        shutdown: { wait: 7s, ppp-wait: 1500ms, hook-wait: 3s }
        listen:
          - 192.0.2.1
          - { address: "[2001:db8::1]:1702", bind-device: eth0, fwmark: 0x10 }
        limits:
          tunnels: 100
          sessions: 1_000
          half-open: 50
          half-open-per-source: 5
          sccrq-rate-per-source: 6
          sccrq-burst-per-source: 7
          refusal-rate: 9
          tracked-sources: 8
        timers:
          retransmit-initial: 500ms
          retransmit-cap: 16s
          max-retransmits: 9
          sccrq-retransmits: 2
          hello-interval: never
          ack-delay: 20ms
          tunnel-setup: 1m30s
          session-setup: 40s
          linger: 1m
        prefix-pools:
          links: { prefix: "2001:db8:f::/48", length: 64 }
          homes: { prefix: "2001:db8:7700::/40", length: 56 }
          hosts: { prefix: "2001:db8:a::/64", length: 128 }
        ppp:
          full:
            backend: pppd
            program: /opt/pppd
            user: alice
            password: s3cret
            name: server
            local: 10.0.0.1
            pool: [10.0.0.8/29, 10.0.1.1-10.0.1.5, 10.0.2.1]
            dns: [10.0.0.2, 10.0.0.3]
            nbns: 10.0.0.4
            request-dns: true
            mtu: 1410
            mru: 1420
            auth: [chap, mschap-v2]
            rechallenge-interval: 10m
            default-route: { metric: 10, replace: true }
            ipv6: link-local
            echo-interval: 10s
            echo-failures: 3
            interface: ppp-alice
            options-file: more.options
            options: [debug, "lcp-max-configure 5", "set 'A=b c'"]
          fixed:
            remote: 10.9.0.2
            password-file: s
            user: bob
          third:
            password-credential: s
            user: carol
          own:
            backend: built-in
            local: 10.8.0.1
            pool: 10.8.0.9
            auth: pap
            users:
              dave: { password: d, address: 10.8.0.7, rate: 20M/512k }
              erin: { password-file: s, rate: { down: 1G } }
            secrets-files: [chap]
            same-user: refuse
            lcp: renegotiate
            session-timeout: 8h
            idle-timeout: 1h
            interim-interval: 5m
            mss-clamp: true
            rate: 50M
            ipv6: router
            ipv6-dns: ["2001:db8::53"]
            ipv6-search: [example.net]
            dhcp-domain: example.org
            dhcp-routes: [10.17.0.0/16]
            ipv6-prefix-pool: links
            delegated-prefix-pool: homes
            ipv6-address-pool: hosts
            dhcpv6: { preferred-lifetime: 30m, valid-lifetime: 1h, rapid-commit: false }
            source-check: false
            access: [radius, local]
            radius-group: both
        radius:
          servers:
            main: { address: 192.0.2.1, auth-port: 1645, acct-port: 1646, secret: r, source: 192.0.2.9, max-requests: 9 }
            spare: { address: "2001:db8::1", secret-file: s, require-message-authenticator: yes, status-server: no }
            far:
              address: 192.0.2.3
              transport: tls
              port: 2084
              tls: { ca: tls.pem, certificate: tls.pem, key: tls.key, name: radius.example }
          groups:
            both: { servers: [spare, far], mode: balance }
          probe-interval: 9s
          dead-time: 90s
          timeout: 3s
          attempts: 4
          dynamic-authorization:
            listen: 192.0.2.9
            port: 1700
            require-event-timestamp: true
            clients: { one: { address: 192.0.2.1, secret: c }, two: { address: 192.0.2.2, secret-file: s } }
          accounting-spool: { directory: /var/lib/x, max-size: 2G, max-age: 3d }
        lns: { ppp: fixed }
        peers:
          first:
            match: { address: [10.0.0.0/8, "2001:db8::/32", 192.0.2.7], host-name: "lac-*" }
            secret: peer-secret
            challenge: false
            hide-avps: true
            protocol: v2
            host-name: us
            receive-window: 16
            accept: [incoming-calls, outgoing-calls]
            limits: { tunnels: 3, sessions-per-tunnel: 4 }
            timers: { hello-interval: 5s }
            quirks: [no-hello, window-of-one]
            bind-device: eth1
            fwmark: 17
            phb: 0xb800
            lns:
              ppp: third
              sequencing: true
              reorder-timeout: 30ms
              accm: { send: 0xa0000, receive: 1 }
              report-errors: true
          second:
            secret-file: s
          third:
            match: { host-name: never-reached }
            lns: { ppp: own }
            secret-credential: s
        tunnels:
          up:
            peer: first
            lns: [lns.example.net, "192.0.2.9:1702", "[2001:db8::9]:1703", "2001:db8::a"]
            local-address: 192.0.2.1
            source-port: 4000
            redirect: any
            dial: manual
            persist: false
            backoff: { initial: 2s, maximum: 3m, jitter: 0.5 }
            prefer-back: 5m
            peer-sessions: { ppp: none }
            sessions:
              one:
                direction: outgoing
                ppp: full
                dial: manual
                persist: false
                backoff: { initial: 3s }
                retry: { max-refused: 1h, give-up-after: 9 }
                calling-number: "1"
                called-number: "2"
                sub-address: "3"
                tx-connect-speed: 100M
                rx-connect-speed: 64k
                framing: [synchronous, asynchronous]
                bearer: analog
                private-group: red
                phb: 5
                minimum-speed: 1
                maximum-speed: 2
          selected:
            select: radius
            select-user: example.net
            select-password: outbound
            radius-group: both
            sessions: { one: { ppp: none } }
          selected-by-file:
            select: radius
            select-user: example.org
            select-password-file: s
            sessions: { one: { ppp: none } }
          selected-by-credential:
            select: radius
            select-user: example.com
            select-password-credential: s
            sessions: { one: { ppp: none } }
        hooks:
          tunnel-up: echo up
          tunnel-down: [/bin/down, a b]
          session-up: s
          network-up: n
          session-down: d
          timeout: 3s
          parallel: 2
        """;

    private static readonly (string Certificate, string Key) Pair = Issue();

    private static string Certificate => Pair.Certificate;

    private static string Key => Pair.Key;

    private static (string Certificate, string Key) Issue()
    {
        using var authority = new TestCertificates();
        return authority.Issue("lns");
    }

    private static DaemonConfiguration Load()
    {
        using var files = new TemporaryConfiguration(Text);
        files.Write("more.options", "");
        files.Write("chap", "frank * f *\n");
        files.Write("s", "from a file\n");
        files.Write("tls.pem", Certificate);
        files.Write("tls.key", Key);
        files.CredentialsDirectory = files.Directory;
        var result = files.Load();
        Assert.Empty(files.Lines(result.Errors));
        Assert.Equal(["l2tpd.yaml:141:3: peers.third: is never used: `second` before it matches all of its peers"],
            files.Lines(result.Warnings));
        Assert.Equal(["l2tpd.yaml", "s", "tls.pem", "tls.key", "chap"], result.Files.Select(file => Path.GetFileName(file)));
        return result.Configuration!;
    }

    // Lists of names contain other names, so a key counts as present only before a colon.
    [Theory]
    [InlineData("accept-reply-from-any-address", PeerQuirks.AcceptReplyFromAnyAddress)]
    [InlineData("ignore-unknown-mandatory-avps", PeerQuirks.IgnoreUnknownMandatoryAvps)]
    [InlineData("acknowledge-at-once", PeerQuirks.AcknowledgeAtOnce)]
    [InlineData("omit-vendor-avps", PeerQuirks.OmitVendorAvps)]
    [InlineData("omit-tie-breaker", PeerQuirks.OmitTieBreaker)]
    [InlineData("window-of-one", PeerQuirks.WindowOfOne)]
    [InlineData("short-result-code", PeerQuirks.ShortResultCode)]
    [InlineData("no-hello", PeerQuirks.NoHello)]
    [InlineData("allow-missing-challenge-response", PeerQuirks.AllowMissingChallengeResponse)]
    public void Each_quirk_is_spelt_so(string word, PeerQuirks quirk)
    {
        var loaded = TemporaryConfiguration.LoadText(
            $"listen: 127.0.0.1\npeers: {{ p: {{ secret: x, challenge: true, quirks: {word} }} }}\n");
        Assert.Empty(loaded.Errors);
        Assert.Equal(quirk, loaded.Configuration!.Engine.Peers[0].Quirks);
        Assert.Equal(Enum.GetValues<PeerQuirks>().Length - 1, ConfigurationSchema.Quirks.Length);
    }

    [Fact]
    public void The_file_has_every_key_of_the_schema() => Assert.All(
        ConfigurationSchema.Sections.SelectMany(static section => section.Keys),
        static key => Assert.Matches($"(?m)(^|[ {{,]){key}:", string.Join(
            '\n', Text, V3KeyTests.Text, StaticKeyTests.Text, SubscriberKeyTests.Text, IpsecKeyTests.Text)));

    [Fact]
    public void Daemon()
    {
        var configuration = Load();
        Assert.Equal(DataPlaneChoice.Kernel, configuration.DataPlane);
        Assert.False(configuration.Offloads);
        Assert.Equal("/var/lib/l2tpd/state", configuration.StateFile);
        Assert.Equal(new LogSettings { Level = LogLevelChoice.Debug, Format = LogFormat.Json }, configuration.Log);
        Assert.Equal(
            new ControlSocket
            {
                Path = "/run/x.sock", Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, Group = "adm", AdminGroup = "sudo",
                ReadGroup = "adm",
            },
            configuration.Control);
        Assert.Equal(
            new MetricsSettings
            {
                Listen = new IPEndPoint(IPAddress.IPv6Any, 9101),
                ReachableFrom = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.0.2.1/32")],
            },
            configuration.Metrics);
        Assert.Equal(
            new ShutdownSettings { Wait = TimeSpan.FromSeconds(7), PppWait = TimeSpan.FromMilliseconds(1500),
                HookWait = TimeSpan.FromSeconds(3) },
            configuration.Shutdown);
        Assert.Equal(
            [new Listener(IPAddress.Parse("192.0.2.1")), new Listener(IPAddress.Parse("2001:db8::1"), 1702, "eth0", 16)],
            configuration.Listeners.ToArray());
    }

    [Fact]
    public void Hooks()
    {
        var hooks = Load().Hooks;
        Assert.Equal(["/bin/sh", "-c", "echo up"], hooks.TunnelUp.ToArray());
        Assert.Equal(["/bin/down", "a b"], hooks.TunnelDown.ToArray());
        Assert.Equal(["/bin/sh", "-c", "s"], hooks.SessionUp.ToArray());
        Assert.Equal(["/bin/sh", "-c", "n"], hooks.NetworkUp.ToArray());
        Assert.Equal(["/bin/sh", "-c", "d"], hooks.SessionDown.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(3), hooks.Timeout);
        Assert.Equal(2, hooks.Parallel);
    }

    [Fact]
    public void Limits_and_timers()
    {
        var engine = Load().Engine;
        Assert.Equal("lns.example", engine.HostName);
        Assert.Equal("acme", engine.VendorName);
        Assert.Equal(
            new EngineLimits
            {
                MaxTunnels = 100, MaxSessions = 1000, MaxHalfOpen = 50, MaxHalfOpenPerSource = 5, SccrqRatePerSource = 6,
                SccrqBurstPerSource = 7, RefusalRate = 9, TrackedSources = 8,
            },
            engine.Limits);
        Assert.Equal(Timers, engine.Peers[1].Timers);
    }

    [Fact]
    public void Ppp()
    {
        var profiles = Load().PppProfiles;
        var full = profiles["full"];
        Assert.Equal(PppBackend.Pppd, full.Backend);
        Assert.Equal("/opt/pppd", full.Program);
        Assert.Equal("alice", full.User);
        Assert.Equal("s3cret", full.Password!.RevealText());
        Assert.Equal("server", full.ServerName);
        Assert.Equal(IPAddress.Parse("10.0.0.1"), full.Local);
        Assert.Equal("10.0.0.9-10.0.0.14 10.0.1.1-10.0.1.5 10.0.2.1-10.0.2.1", string.Join(' ', full.Pool));
        Assert.Equal("10.0.0.2 10.0.0.3", string.Join(' ', full.Dns));
        Assert.Equal(("10.0.0.4", TimeSpan.FromMinutes(10)), (string.Join(' ', full.Nbns), full.RechallengeInterval));
        Assert.True(full.RequestDns);
        Assert.Equal((1410, 1420), (full.Mtu, full.Mru));
        Assert.Equal([PppAuthentication.Chap, PppAuthentication.MsChapV2], full.Authentication.ToArray());
        Assert.Equal((true, 10u, true), (full.DefaultRoute, full.DefaultRouteMetric, full.ReplaceDefaultRoute));
        Assert.Equal((true, false), (full.IPv6, full.IPv6Router));
        Assert.Equal((TimeSpan.FromSeconds(10), 3), (full.EchoInterval, full.EchoFailures));
        Assert.Equal("ppp-alice", full.Interface);
        Assert.EndsWith("/more.options", full.OptionsFile, StringComparison.Ordinal);
        Assert.Equal(["debug", "lcp-max-configure", "5", "set", "A=b c"], full.Options.ToArray());
        Assert.Equal(IPAddress.Parse("10.9.0.2"), profiles["fixed"].Remote);
        Assert.Equal("from a file", profiles["fixed"].Password!.RevealText());
        Assert.Equal("from a file", profiles["third"].Password!.RevealText());
        var own = profiles["own"];
        Assert.Equal((PppBackend.BuiltIn, SameUserPolicy.Refuse, ProxyLcpPolicy.Renegotiate), (own.Backend, own.SameUser, own.Lcp));
        Assert.Equal((TimeSpan.FromHours(8), TimeSpan.FromHours(1)), (own.SessionTimeout, own.IdleTimeout));
        Assert.Equal((TimeSpan.FromMinutes(5), true), (own.InterimInterval, own.ClampMss));
        Assert.Equal((true, "2001:db8::53", "example.net"),
            (own.IPv6Router, Assert.Single(own.IPv6Dns).ToString(), Assert.Single(own.IPv6Search)));
        Assert.Equal(("example.org", "10.17.0.0/16"), (own.Inform!.Domain, Assert.Single(own.Inform.Routes).ToString()));
        Assert.Equal(new L2tpd.Access.Ipv6PoolNames("links", "homes", "hosts"), own.Ipv6Pools);
        Assert.Equal(
            new Dhcpv6Settings { PreferredLifetime = TimeSpan.FromMinutes(30), ValidLifetime = TimeSpan.FromHours(1), RapidCommit = false },
            own.Dhcpv6);
        Assert.Equal((false, true), (own.SourceCheck, full.SourceCheck));
        Assert.Equal(["dave d 10.8.0.7", "erin from a file ", "frank f *"],
            own.Users.Select(static user => $"{user.Client} {user.Secret} {string.Concat(user.Addresses)}"));
        Assert.Equal((50_000_000ul, 50_000_000ul), (own.RateToPeer!.BitsPerSecond, own.RateFromPeer!.BitsPerSecond));
        Assert.Equal(["20000000/512000", "1000000000/", "/"],
            own.Users.Select(static user => $"{user.RateToPeer?.BitsPerSecond}/{user.RateFromPeer?.BitsPerSecond}"));
    }

    [Fact]
    public void Radius()
    {
        var configuration = Load();
        Assert.Equal(AccessChoice.RadiusThenLocal, configuration.PppProfiles["own"].Access);
        var radius = configuration.Radius!;
        Assert.Equal((TimeSpan.FromSeconds(3), 4), (radius.Timeout, radius.Attempts));
        Assert.Equal((TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(90)), (radius.ProbeInterval, radius.DeadTime));
        Assert.Equal("both", configuration.PppProfiles["own"].RadiusGroup);
        var group = Assert.Single(radius.Groups);
        Assert.Equal(("both", "spare,far", GroupPolicy.Balance), (group.Name, string.Join(',', group.Servers), group.Mode));
        Assert.Equal(
            ["9 Auto Udp ", "128 No Udp ", "255 Auto Tls radius.example"],
            radius.Servers.Select(static server =>
                $"{server.MaxRequests} {server.StatusServer} {server.Transport} {server.Tls?.ServerName}"));
        Assert.Equal((Certificate, Certificate, Key),
            (radius.Servers[2].Tls!.Authorities, radius.Servers[2].Tls!.Certificate, radius.Servers[2].Tls!.Key.RevealText()));
        Assert.Equal(
            ["main 192.0.2.1 1645 1646 r 192.0.2.9 Auto", "spare 2001:db8::1 1812 1813 from a file  Required",
                "far 192.0.2.3 2084 1813 radsec  Optional"],
            radius.Servers.Select(static server => $"{server.Name} {server.Address} {server.AuthenticationPort} "
                + $"{server.AccountingPort} {server.Secret.RevealText()} {server.Source} {server.MessageAuthenticator}"));
        Assert.True(radius.HasSameContent(Load().Radius!));
        var dynamic = radius.DynamicAuthorization!;
        Assert.Equal(("192.0.2.9", 1700, true), (dynamic.Listen?.ToString(), dynamic.Port, dynamic.RequireEventTimestamp));
        Assert.Equal(["one 192.0.2.1 c", "two 192.0.2.2 from a file"],
            dynamic.Clients.Select(static client => $"{client.Name} {client.Address} {client.Secret.RevealText()}"));
        Assert.True(dynamic.HasSameContent(Load().Radius!.DynamicAuthorization!));
        Assert.False(dynamic.HasSameContent(dynamic with { Clients = [dynamic.Clients[0]] }));
        Assert.Equal(new AccountingSpoolSettings { Directory = "/var/lib/x", MaxSize = 2L << 30, MaxAge = TimeSpan.FromDays(3) },
            radius.AccountingSpool);
        Assert.False(radius.HasSameContent(radius with { Attempts = 5 }));
        Assert.False(radius.HasSameContent(radius with
        {
            Servers = [radius.Servers[0] with { Secret = new Secret("other") }, .. radius.Servers[1..]],
        }));
        Assert.False(radius.HasSameContent(radius with
        {
            Servers = [.. radius.Servers[..2], radius.Servers[2] with { Tls = radius.Servers[2].Tls! with { Key = new Secret("new") } }],
        }));
        Assert.False(radius.HasSameContent(radius with { Groups = [group with { Servers = ["far", "spare"] }] }));
    }

    [Fact]
    public void Peers()
    {
        var peers = Load().Engine.Peers;
        Assert.Equal(["first", "second", "third"], peers.Select(static peer => peer.Name));
        var first = peers[0];
        Assert.Equal("10.0.0.0/8 2001:db8::/32 192.0.2.7/32", string.Join(' ', first.Prefixes));
        Assert.Equal("lac-*", first.HostNamePattern);
        Assert.Equal("peer-secret", Encoding.UTF8.GetString(first.Secret!));
        Assert.False(first.Challenge);
        Assert.True(first.HideAvps);
        Assert.Equal("us", first.LocalHostName);
        Assert.Equal(16, first.ReceiveWindow);
        Assert.True(first.AcceptIncomingCalls);
        Assert.True(first.AcceptOutgoingCalls);
        Assert.Equal((3, 4), (first.MaxTunnels, first.MaxSessionsPerTunnel));
        Assert.Equal(Timers with { HelloInterval = TimeSpan.FromSeconds(5) }, first.Timers);
        Assert.Equal(PeerQuirks.NoHello | PeerQuirks.WindowOfOne, first.Quirks);
        Assert.Equal(("eth1", 17u), (first.BindDevice, first.FwMark));
        Assert.Equal((ushort)0xb800, first.ControlConnectionDs);
        Assert.Equal(
            new SessionProfile
            {
                Ppp = "third", Sequencing = true, ReorderTimeout = TimeSpan.FromMilliseconds(30), Accm = new Accm(0xa0000, 1),
                ReportErrors = true,
            },
            first.Session);
        Assert.Equal("fixed", peers[1].Session.Ppp);
        Assert.Equal("from a file", Encoding.UTF8.GetString(peers[1].Secret!));
        Assert.Equal("from a file", Encoding.UTF8.GetString(peers[2].Secret!));
    }

    [Fact]
    public void Tunnels()
    {
        var tunnels = Load().Engine.Tunnels;
        var tunnel = tunnels[0];
        Assert.Equal(
            [new LnsQuery("example.net", "outbound") { Group = "both" }, new LnsQuery("example.org", "from a file"),
                new LnsQuery("example.com", "from a file")],
            tunnels.Skip(1).Select(static selected => Assert.Single(selected.Remotes).Query));
        Assert.Equal("up", tunnel.Name);
        Assert.Equal(
            [new("lns.example.net"), new("192.0.2.9", 1702), new("2001:db8::9", 1703), new RemoteHost("2001:db8::a")],
            tunnel.Remotes.ToArray());
        Assert.Equal("192.0.2.1", tunnel.LocalAddress);
        Assert.Equal(4000, tunnel.SourcePort);
        Assert.Equal(RedirectPolicy.Any, tunnel.Redirect);
        Assert.Equal(DialMode.Manual, tunnel.Dial);
        Assert.False(tunnel.Persist);
        Assert.Equal(TimeSpan.FromMinutes(5), tunnel.PreferBack);
        Assert.Equal(
            new Backoff { Initial = TimeSpan.FromSeconds(2), Maximum = TimeSpan.FromMinutes(3), Jitter = 0.5 }, tunnel.Backoff);
        Assert.Equal("up", tunnel.Peer.Name);
        Assert.Equal("peer-secret", Encoding.UTF8.GetString(tunnel.Peer.Secret!));
        Assert.Empty(tunnel.Peer.Prefixes);
        Assert.Null(tunnel.Peer.HostNamePattern);
        Assert.Null(tunnel.Peer.Session.Ppp);
        Assert.True(tunnel.Peer.Session.Sequencing);
    }

    [Fact]
    public void Sessions() => Assert.Equal(
        new LacSession
        {
            Name = "one",
            Direction = CallDirection.Outgoing,
            Session = new SessionProfile { Ppp = "full" },
            Dial = DialMode.Manual,
            Persist = false,
            Backoff = new Backoff { Initial = TimeSpan.FromSeconds(3) },
            MaxRefused = TimeSpan.FromHours(1),
            GiveUpAfter = 9,
            CallingNumber = "1",
            CalledNumber = "2",
            SubAddress = "3",
            TxConnectSpeed = 100_000_000,
            RxConnectSpeed = 64_000,
            FramingType = FramingTypes.Synchronous | FramingTypes.Asynchronous,
            BearerType = BearerTypes.Analog,
            PrivateGroupId = "red",
            SessionDs = 5,
            MinimumBps = 1,
            MaximumBps = 2,
        },
        Assert.Single(Load().Engine.Tunnels[0].Sessions));

    private static TunnelTimers Timers => new()
    {
        RetransmitInitial = TimeSpan.FromMilliseconds(500),
        RetransmitCap = TimeSpan.FromSeconds(16),
        MaxRetransmits = 9,
        MaxRetransmitsV3 = 9,
        SccrqRetransmits = 2,
        HelloInterval = TimeSpan.Zero,
        AckDelay = TimeSpan.FromMilliseconds(20),
        TunnelSetup = TimeSpan.FromSeconds(90),
        SessionSetup = TimeSpan.FromSeconds(40),
        Linger = TimeSpan.FromMinutes(1),
    };
}
