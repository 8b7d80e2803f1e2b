using System.Diagnostics;
using L2tpd.Control;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Servers that fail, over UDP and TLS, with FreeRADIUS and radsecproxy. l2tpd is the LNS; another daemon dials in from a second network
/// namespace.
/// </summary>
public sealed class RadiusServerTests
{
    private const string Users = """
        alice Cleartext-Password := "alice-secret"
            Framed-IP-Address = 10.99.7.7
        pooled Cleartext-Password := "pooled-secret"
        locked Cleartext-Password := "locked-secret", Auth-Type := Reject

        """;

    private const string Alice = "s: { ppp: { backend: built-in, user: alice, password: alice-secret } }";

    private static readonly FreeRadiusOptions Spare = new() { Address = "127.0.0.2" };

    public enum Failure
    {
        Stopped,
        Frozen,
        WrongSecret,
    }

    [Theory]
    [InlineData(Failure.Stopped)]
    [InlineData(Failure.Frozen)]
    [InlineData(Failure.WrongSecret)]
    public async Task Users_come_in_by_the_second_server_and_probes_find_the_first_again(Failure failure)
    {
        using var pair = new NamespacePair();
        using var spare = new FreeRadius(pair.Second, Users, Spare);
        var secret = failure == Failure.WrongSecret ? "other" : FreeRadius.Secret;
        var main = failure == Failure.Stopped ? null : new FreeRadius(pair.Second, Users, new FreeRadiusOptions { Secret = secret });
        try
        {
            if (failure == Failure.Frozen)
                main!.Freeze();
            using var lns = Lns(pair, $"main: {Udp("127.0.0.1")}, spare: {Udp("127.0.0.2")}");
            using var lac = Client(pair, Alice);
            lac.WaitFor("network is up on ppp0, we are 10.99.7.7");
            spare.WaitForRecord("Start", "alice");
            lns.WaitFor("RADIUS server main does not answer");
            var before = await ServersAsync(lns);
            Assert.Equal(("main", "suspect", true), (before[0].Name, before[0].State, before[0].Probing));
            Assert.Equal(("spare", "up", 0L), (before[1].Name, before[1].State, before[1].Counters["timeouts"]));
            Assert.True(before[0].Counters["timeouts"] >= 3 && before[1].Counters["accepts"] == 1, lns.Output);
            Assert.True(before[1].RoundTripMilliseconds >= 0);
            if (failure == Failure.WrongSecret)
                return;

            main?.Thaw();
            main ??= new FreeRadius(pair.Second, Users);
            lns.WaitFor("RADIUS server main answers again");
            Assert.Equal("up", (await ServersAsync(lns))[0].State);
            await AssertEventsAsync(lns);
        }
        finally
        {
            main?.Thaw();
            main?.Dispose();
        }
    }

    [Fact]
    public void Nobody_is_refused_and_no_record_is_lost_where_packets_are()
    {
        const int Sessions = 5;
        using var pair = new NamespacePair();
        using var radius = new FreeRadius(pair.Second, Users);
        NamespacePair.Run($"ip netns exec {pair.Second} nft 'add table inet l; add chain inet l c {{ type filter hook input priority 0; }};"
            + " add rule inet l c udp dport 1812-1813 numgen random mod 100 < 30 drop;"
            + " add rule inet l c udp sport 1812-1813 numgen random mod 100 < 30 drop'");
        using var lns = Lns(pair, $"main: {Udp("127.0.0.1")}", "timeout: 100ms, attempts: 8");
        var sessions = string.Join(", ", Enumerable.Range(0, Sessions).Select(static number => $"s{number}: {{ ppp: c }}"));
        using (var lac = Client(pair, sessions, "ppp: { c: { backend: built-in, user: pooled, password: pooled-secret } }"))
        {
            lac.WaitUntil(() => lac.Lines.Count(static line => line.Contains("network is up on", StringComparison.Ordinal)) == Sessions,
                "all sessions up");
            lac.Signal(DaemonProcess.Term);
            lac.WaitForExit();
        }

        lns.WaitUntil(() => Ended(radius, "Stop") == Sessions, "all Stops");
        Assert.Equal(Sessions, Ended(radius, "Start"));
        Assert.DoesNotContain("rejected", lns.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Sessions_are_authenticated_and_accounted_over_one_TLS_connection_that_comes_back()
    {
        using var pair = new NamespacePair();
        using var files = new RadiusTlsFiles();
        var options = new FreeRadiusOptions { TlsDirectory = files.Directory };
        var radius = new FreeRadius(pair.Second, Users, options);
        try
        {
            using var lns = Lns(pair, $"main: {files.Server()}");
            lns.WaitFor("RADIUS server main: a TLS connection with 127.0.0.1:2083 is open");
            using var lac = Client(pair, Alice);
            lac.WaitFor("network is up on ppp0, we are 10.99.7.7");
            Assert.Equal(("127.0.0.1", "lns1"), ByOf(radius.WaitForRecord("Start", "alice")));
            radius.Dispose();
            lns.WaitFor("RADIUS server main: no TLS connection with 127.0.0.1:2083: ");
            lac.Signal(DaemonProcess.Term);
            lac.WaitForExit();
            radius = new FreeRadius(pair.Second, Users, options);
            radius.WaitForRecord("Stop", "alice");
            lns.Signal(DaemonProcess.Term);
            Assert.Equal(0, lns.WaitForExit());
            radius.WaitForRecord("Accounting-Off");
            Assert.DoesNotContain("Internal error", lns.Output, StringComparison.Ordinal);
        }
        finally
        {
            radius.Dispose();
        }
    }

    [Fact]
    public void Radsecproxy_carries_both_services_to_a_server_with_UDP()
    {
        using var pair = new NamespacePair();
        using var files = new RadiusTlsFiles();
        using var radius = new FreeRadius(pair.Second, Users);
        using var proxy = RadsecProxy(pair, files);
        try
        {
            using var lns = Lns(pair, $"main: {files.Server()}");
            lns.WaitFor("a TLS connection with 127.0.0.1:2083 is open");
            using var lac = Client(pair, Alice);
            lac.WaitFor("network is up on ppp0, we are 10.99.7.7");
            radius.WaitForRecord("Start", "alice");
            lac.Signal(DaemonProcess.Term);
            lac.WaitForExit();
            radius.WaitForRecord("Stop", "alice");
        }
        finally
        {
            proxy.Kill();
            proxy.WaitForExit();
        }
    }

    /// <summary>
    /// The attacker turns a Reject into an Accept. It is given the secret for that, in place of the collision of MD5 that it would need for
    /// a right Response Authenticator (CVE-2024-3596); a Message-Authenticator it cannot make.
    /// </summary>
    [Theory]
    [InlineData("no", true)]
    [InlineData("yes", false)]
    [InlineData("auto", false)]
    public void BlastRADIUS_lets_a_user_in_only_where_no_Message_Authenticator_is_required(string policy, bool isIn)
    {
        using var pair = new NamespacePair();
        using var radius = new FreeRadius(pair.Second, Users, new FreeRadiusOptions { SendsMessageAuthenticator = true });
        using var attacker = NetworkNamespace.Make(
            pair.Second, static () => new RadiusAttacker("127.0.0.9", "127.0.0.1", FreeRadius.Secret));
        using var lns = Lns(pair, $"main: {{ address: 127.0.0.9, secret: {FreeRadius.Secret}, require-message-authenticator: {policy} }}");
        // An honest exchange, from which `auto` learns.
        using (var alice = Client(pair, Alice))
            alice.WaitFor("network is up on ppp0");
        attacker.Attacks = true;
        using var locked = Client(pair, "s: { ppp: { backend: built-in, user: locked, password: locked-secret } }");
        if (isIn)
        {
            locked.WaitFor("network is up on ppp0");
        }
        else
        {
            lns.WaitFor("no RADIUS server answered");
            lns.WaitFor("An answer of RADIUS server main was dropped: it has no Message-Authenticator");
            Assert.DoesNotContain("network is up on", locked.Output, StringComparison.Ordinal);
        }

        Assert.True(attacker.Forged > 0);
    }

    private static string Udp(string address) => $"{{ address: {address}, secret: {FreeRadius.Secret} }}";

    private static (string Address, string Name) ByOf(Dictionary<string, string> record) =>
        (record["NAS-IP-Address"], record["NAS-Identifier"]);

    private static int Ended(FreeRadius radius, string type) => radius.Records()
        .Where(record => record.GetValueOrDefault("Acct-Status-Type") == type).Select(static record => record["Acct-Session-Id"])
        .Distinct().Count();

    private static async Task<IReadOnlyList<RadiusServerView>> ServersAsync(DaemonProcess daemon)
    {
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        return (await client.RadiusAsync()).Items;
    }

    private static async Task AssertEventsAsync(DaemonProcess daemon)
    {
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var kinds = new List<string>();
        await foreach (var one in client.EventsAsync())
        {
            if (one.Area == "radius")
                kinds.Add($"{one.Kind} {one.Name}");
        }

        Assert.Equal(["radius-server-down main", "radius-server-up main"], kinds);
    }

    private static Process RadsecProxy(NamespacePair pair, RadiusTlsFiles files)
    {
        var path = Path.Combine(files.Directory, "radsecproxy.conf");
        File.WriteAllText(path, $$"""
            ListenTLS 127.0.0.1:2083
            tls default {
                CACertificateFile {{files.Directory}}/ca.pem
                CertificateFile {{files.Directory}}/server.pem
                CertificateKeyFile {{files.Directory}}/server.key
            }
            client lns {
                host 127.0.0.1
                type tls
                secret radsec
                certificateNameCheck off
            }
            server auth {
                host 127.0.0.1
                type udp
                port 1812
                secret {{FreeRadius.Secret}}
            }
            server acct {
                host 127.0.0.1
                type udp
                port 1813
                secret {{FreeRadius.Secret}}
            }
            realm * {
                server auth
                accountingServer acct
            }

            """);
        return Process.Start(new ProcessStartInfo(
            "ip", ["netns", "exec", pair.Second, "radsecproxy", "-f", "-c", path, "-i", Path.Combine(files.Directory, "pid")]))!;
    }

    private static DaemonProcess Lns(NamespacePair pair, string servers, string timers = "timeout: 200ms, attempts: 1") =>
        DaemonProcess.Start(
            $$"""
            data-plane: userspace
            listen: 192.0.2.2
            log: { level: information, format: console }
            peers: { any: { secret: test, lns: { ppp: p } } }
            radius: { servers: { {{servers}} }, {{timers}}, probe-interval: 1s }
            ppp:
              p: { name: lns1, interface: { shared: ppptest0 }, auth: [chap, mschap-v2, pap], local: 10.99.0.1,
                pool: 10.99.0.10-10.99.0.99, access: radius }

            """, networkNamespace: pair.Second);

    private static DaemonProcess Client(NamespacePair pair, string sessions, string more = "") => DaemonProcess.Start(
        "data-plane: userspace\nlog: { level: information, format: console }\ntunnels: { t: { lns: 192.0.2.2, secret: test, "
            + $"sessions: {{ {sessions} }} }} }}\n{more}\n", networkNamespace: pair.First);
}
