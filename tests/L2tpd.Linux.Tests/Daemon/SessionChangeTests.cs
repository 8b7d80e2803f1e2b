using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using L2tpd.Cli;
using L2tpd.Control;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>What a session may have is changed while it is up: by a CoA of radclient, and by l2tpctl.</summary>
public sealed partial class SessionChangeTests
{
    private const string CoaSecret = "coa-secret";
    private const int PacketOctets = 1_028;
    private const string Users = """
        alice Cleartext-Password := "pw"
            Framed-IP-Address = 10.99.7.7, Framed-Route = "198.51.100.0/24 0.0.0.0 7", Session-Timeout = 7200

        """;

    [Fact]
    public async Task A_CoA_and_l2tpctl_change_rate_filter_routes_and_time_of_a_session_that_is_up()
    {
        using var pair = new NamespacePair();
        NamespacePair.Run($"ip netns exec {pair.Second} nft -f {Repository}/config/nftables/filters.nft");
        using var radius = new FreeRadius(pair.Second, Users);
        using var lns = Lns(pair);
        using var lac = Client(pair);
        lac.WaitFor("network is up on ppp0, we are 10.99.7.7");
        lns.WaitUntil(() => RoutesIn(pair).Contains("198.51.100.0/24", StringComparison.Ordinal), "the route of the Access-Accept");
        var id = radius.WaitForRecord("Start", "alice")["Acct-Session-Id"];
        var session = $"Acct-Session-Id = \"{id}\"";

        // One value is wrong: nothing of it is done.
        Assert.Contains("Received CoA-NAK", Ask(pair, $"{session}, Filter-Id = \"web-only\", Framed-Route = \"nowhere\""));
        Assert.Empty(Elements(pair));
        Assert.Contains("Received CoA-ACK", Ask(pair, $"{session}, Mikrotik-Rate-Limit = \"1M/2M\", Filter-Id = \"web-only\", "
            + "Framed-Route = \"198.51.101.0/24 0.0.0.0 3\", Framed-Route += \"198.51.102.0/24\", Session-Timeout = 3600"));
        lns.WaitUntil(() => Elements(pair).Contains("10.99.7.7", StringComparison.Ordinal), "the filter of the CoA");
        lns.WaitUntil(
            () => RoutesIn(pair) is var routes && routes.Contains("198.51.101.0/24", StringComparison.Ordinal)
                && routes.Contains("198.51.102.0/24", StringComparison.Ordinal)
                && !routes.Contains("198.51.100.0/24", StringComparison.Ordinal), "the routes of the CoA in place of the former one");
        AssertLimited(pair, 1_000_000);
        using var control = new ControlClient($"{lns.Directory}/control.sock");
        var name = Assert.Single((await control.SessionsAsync()).Items).Name;
        var subscriber = (await control.SessionAsync(name)).Subscriber!;
        Assert.Equal(("web-only", "198.51.101.0/24 198.51.102.0/24"), (string.Join(' ', subscriber.Filters!),
            string.Join(' ', subscriber.Routes!.Order(StringComparer.Ordinal))));
        Assert.InRange(subscriber.SessionSecondsLeft!.Value, 1, 3_600);

        await ChangeByHand(lns, pair, control, name);
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        lns.WaitUntil(() => !RoutesIn(pair).Contains("198.51.10", StringComparison.Ordinal) && Elements(pair).Length == 0,
            "routes and filter to end with the session");
        Assert.DoesNotContain("Internal error", lns.Output, StringComparison.Ordinal);
    }

    /// <summary>l2tpctl, as an operator calls it: what it does, and what it refuses.</summary>
    private static async Task ChangeByHand(DaemonProcess lns, NamespacePair pair, ControlClient control, string name)
    {
        Assert.Equal(
            (ExitCodes.Refused, "l2tpctl: rate: `fast` is not a rate; write DOWN/UP in bit/s such as `10M/2M`, one rate for both, or 0 "
                + "for no limit\n"),
            await L2tpctl(lns, "session", "change", name, "rate=fast", "session-timeout=1h"));
        var (code, text) = await L2tpctl(lns, "session", "change", name, "rate=2M/512k", "session-timeout=never", "filter=absent");
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Matches($@"^changed session {Regex.Escape(name)} \([0-9/]+\): rate=2M/512k, session-timeout=never, filter=absent\n$", text);
        lns.WaitFor("cannot set the filter absent of alice");
        lns.WaitUntil(() => Elements(pair).Length == 0, "the former filter to leave");
        Assert.Null((await control.SessionAsync(name)).Subscriber!.SessionSecondsLeft);
        AssertLimited(pair, 512_000);
    }

    /// <summary>What passes is no more than a rate from the peer and its burst in the time that it took, and more was sent.</summary>
    private static void AssertLimited(NamespacePair pair, long rate)
    {
        const int Packets = 1_500;
        var burst = rate / 8 / 2;
        var watch = Stopwatch.StartNew();
        var output = NamespacePair.Run(
            $"ip netns exec {pair.First} ping -q -n -c {Packets} -l {Packets} -s {PacketOctets - 28} -W 1 10.99.0.1 || true");
        var most = burst + (rate / 8 * (watch.ElapsedMilliseconds + 1) / 1_000);
        var received = long.Parse(Received().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(received * PacketOctets, 1, most);
        Assert.True(most < (long)Packets * PacketOctets, $"the pings took {watch.Elapsed}");
    }

    private static async Task<(int Code, string Text)> L2tpctl(DaemonProcess lns, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(
            ["--socket", $"{lns.Directory}/control.sock", .. arguments], new Screen(output, error, false, 80, false));
        return (code, $"{output}{error}");
    }

    private static string Ask(NamespacePair pair, string attributes)
    {
        var start = new ProcessStartInfo("ip",
            ["netns", "exec", pair.Second, "radclient", "-x", "-r", "1", "-t", "10", "127.0.0.1:3799", "coa", CoaSecret])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var radclient = Process.Start(start)!;
        radclient.StandardInput.Write(attributes + "\n");
        radclient.StandardInput.Close();
        var said = radclient.StandardOutput.ReadToEnd() + radclient.StandardError.ReadToEnd();
        radclient.WaitForExit();
        return said;
    }

    private static string Repository => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    private static string RoutesIn(NamespacePair pair) => NamespacePair.Run($"ip -n {pair.Second} -4 route show");

    /// <summary>The elements of the filter's set that are l2tpd's; empty: none.</summary>
    private static string Elements(NamespacePair pair) =>
        string.Join('\n', NamespacePair.Run($"ip netns exec {pair.Second} nft list set inet l2tpd_filters web-only").Split('\n')
            .Where(static line => line.Contains("comment \"l2tpd\"", StringComparison.Ordinal)));

    private static DaemonProcess Lns(NamespacePair pair) => DaemonProcess.Start(
        $$"""
        data-plane: userspace
        listen: 192.0.2.2
        log: { level: information, format: console }
        peers: { any: { secret: test, lns: { ppp: p } } }
        radius:
          servers: { main: { address: 127.0.0.1, secret: {{FreeRadius.Secret}} } }
          dynamic-authorization: { clients: { main: { address: 127.0.0.1, secret: {{CoaSecret}} } } }
        filters: {}
        ppp:
          p: { name: lns1, interface: { shared: ppptest0 }, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.99, access: radius }

        """, networkNamespace: pair.Second);

    private static DaemonProcess Client(NamespacePair pair) => DaemonProcess.Start(
        "data-plane: userspace\nlog: { level: information, format: console }\ntunnels: { t: { lns: 192.0.2.2, secret: test, "
            + "sessions: { s: { ppp: { backend: built-in, user: alice, password: pw } } } } }\n", networkNamespace: pair.First);

    [GeneratedRegex("([0-9]+) received")]
    private static partial Regex Received();
}
