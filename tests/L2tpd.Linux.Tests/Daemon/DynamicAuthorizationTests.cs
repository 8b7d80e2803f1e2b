using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// radclient of FreeRADIUS asks the running daemon to change and end sessions; accounting outlives the server and the daemon.
/// </summary>
public sealed class DynamicAuthorizationTests : IDisposable
{
    private const string CoaSecret = "coa-secret";
    private const string Users = """
        alice Cleartext-Password := "alice-secret"
            Framed-IP-Address = 10.99.7.7, Class = 0x6331
        bob Cleartext-Password := "bob-secret"

        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-acct-").FullName;

    [Fact]
    public void Radclient_changes_and_ends_a_session()
    {
        using var pair = new NamespacePair();
        using var radius = new FreeRadius(pair.Second, Users);
        using var lns = Lns(pair);
        using var lac = Client(pair, "alice");
        lac.WaitFor("network is up on ppp0, we are 10.99.7.7");
        var id = radius.WaitForRecord("Start", "alice")["Acct-Session-Id"];
        Assert.Equal(
            ("CoA-ACK", "CoA-NAK 503", "CoA-NAK 401", "CoA-NAK 402", "CoA-NAK 405", "CoA-NAK 403"),
            (Ask(pair, "coa", $"Acct-Session-Id = \"{id}\", Session-Timeout = 3600, Class = 0x6332, Event-Timestamp = \"%l\""),
                Ask(pair, "coa", "Acct-Session-Id = \"x\", Session-Timeout = 3600"),
                Ask(pair, "coa", $"Acct-Session-Id = \"{id}\", Framed-MTU = 1400"),
                Ask(pair, "coa", "Session-Timeout = 3600"),
                Ask(pair, "coa", $"Acct-Session-Id = \"{id}\", Service-Type = Authorize-Only"),
                Ask(pair, "coa", $"Acct-Session-Id = \"{id}\", NAS-IP-Address = 192.0.2.77, Session-Timeout = 3600")));
        Assert.Equal("no answer", Ask(pair, "coa", $"Acct-Session-Id = \"{id}\", Session-Timeout = 1", secret: "wrong"));
        Assert.Equal("no answer", Ask(pair, "disconnect", $"Acct-Session-Id = \"{id}\", Event-Timestamp = 1000000"));
        Forge(pair);
        Assert.Equal("Disconnect-ACK", Ask(pair, "disconnect", "User-Name = alice, Framed-IP-Address = 10.99.7.7, Proxy-State = 0x7078"));
        var stop = radius.WaitForRecord("Stop", "alice");
        Assert.Equal(("Admin-Reset", "0x6332", id), (stop["Acct-Terminate-Cause"], stop["Class"], stop["Acct-Session-Id"]));
        Assert.DoesNotContain("Internal error", lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(CoaSecret, lns.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_Stop_reaches_the_server_once_over_its_absence_and_a_kill_of_the_daemon()
    {
        using var pair = new NamespacePair();
        using (var former = Lns(pair))
        {
            foreach (var user in (string[])["alice", "bob"])
            {
                using var lac = Client(pair, user);
                lac.WaitFor("network is up on ppp0");
                lac.Signal(DaemonProcess.Term);
                Assert.Equal(0, lac.WaitForExit());
            }

            former.WaitFor("No RADIUS server takes accounting records: they wait in");
            // The Stops, and before them the Starts and the Accounting-On of this run.
            former.WaitUntil(() => Words($"{_directory}/spool").Length == 5, "all records on disk");
            former.Signal(9);
            former.WaitForExit();
        }

        using var lns = Lns(pair);
        lns.WaitFor("5 accounting records of an earlier run wait in");
        using var radius = new FreeRadius(pair.Second, Users);
        lns.WaitFor("The accounting spool is empty again");
        using (var alice = Client(pair, "alice"))
            alice.WaitFor("network is up on ppp0");
        radius.WaitForRecord("Start", "alice");
        lns.Signal(DaemonProcess.Term);
        Assert.Equal(0, lns.WaitForExit());
        radius.WaitForRecord("Accounting-Off");
        var records = radius.Records();
        Assert.All(records.GroupBy(static record => (record["Acct-Session-Id"], record["Acct-Status-Type"])),
            static same => Assert.Single(same));
        Assert.Equal(
            ["Accounting-On: 2", "Accounting-Off: 1", "Start: 3", "Stop: 3"],
            new[] { "Accounting-On", "Accounting-Off", "Start", "Stop" }.Select(
                type => $"{type}: {records.Count(record => record["Acct-Status-Type"] == type)}"));
        // Nothing of the former run comes after the Accounting-On of the next one.
        var runs = records.Select(static record => record["Acct-Session-Id"].Split('-')[0]).ToArray();
        Assert.Equal(runs.Order(StringComparer.Ordinal), runs);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Records that wait, by their state octets: files of one run, which nobody appends to now.</summary>
    private static string[] Words(string directory)
    {
        var found = new List<string>();
        foreach (var file in Directory.GetFiles(directory, "*.spool"))
        {
            var octets = File.ReadAllBytes(file).AsSpan();
            while (Access.SpoolFrame.TryRead(octets, out var record, out var isDone, out var size))
            {
                if (!isDone)
                    found.Add(record!.SessionId);
                octets = octets[size..];
            }
        }

        return [.. found];
    }

    /// <summary>Ten thousand forged requests: the daemon answers none of them, and goes on.</summary>
    private static void Forge(NamespacePair pair) => NamespacePair.Run(
        $"ip netns exec {pair.Second} python3 -c \"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
            + "[s.sendto(bytes([40, i % 256, 0, 20]) + bytes(16), ('127.0.0.1', 3799)) for i in range(10000)]; s.settimeout(0.2)\n"
            + "try: s.recv(100); raise SystemExit(1)\nexcept TimeoutError: pass\"");

    private static string Ask(NamespacePair pair, string command, string attributes, string secret = CoaSecret)
    {
        var start = new ProcessStartInfo("ip",
            ["netns", "exec", pair.Second, "radclient", "-x", "-r", "1", "-t", "2", "127.0.0.1:3799", command, secret])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var radclient = Process.Start(start)!;
        var now = $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
        radclient.StandardInput.Write(attributes.Replace("%l", now, StringComparison.Ordinal) + "\n");
        radclient.StandardInput.Close();
        var said = radclient.StandardOutput.ReadToEnd() + radclient.StandardError.ReadToEnd();
        radclient.WaitForExit();
        var answer = said.Split('\n').FirstOrDefault(static line => line.StartsWith("Received ", StringComparison.Ordinal));
        if (answer is null)
            return said.Contains("No reply", StringComparison.Ordinal) ? "no answer" : said;
        var cause = said.Split('\n').FirstOrDefault(static line => line.Contains("Error-Cause", StringComparison.Ordinal));
        return answer.Split(' ')[1] + cause?.Split(" = ")[1].Trim() switch
        {
            null => "",
            "Session-Context-Not-Found" => " 503",
            "Unsupported-Attribute" => " 401",
            "Missing-Attribute" => " 402",
            "NAS-Identification-Mismatch" => " 403",
            "Unsupported-Service" => " 405",
            var other => " " + other,
        };
    }

    private DaemonProcess Lns(NamespacePair pair) => DaemonProcess.Start(
        $$"""
        data-plane: userspace
        listen: 192.0.2.2
        log: { level: information, format: console }
        peers: { any: { secret: test, lns: { ppp: p } } }
        radius:
          servers: { main: { address: 127.0.0.1, secret: {{FreeRadius.Secret}} } }
          timeout: 200ms
          attempts: 1
          dynamic-authorization: { clients: { main: { address: 127.0.0.1, secret: {{CoaSecret}} } } }
          accounting-spool: { directory: {{_directory}}/spool }
        ppp:
          p: { name: lns1, interface: { shared: ppptest0 }, auth: [chap, mschap-v2, pap], local: 10.99.0.1,
            pool: 10.99.0.10-10.99.0.99, access: [radius, local],
            users: { alice: { password: alice-secret }, bob: { password: bob-secret } } }

        """, networkNamespace: pair.Second);

    private static DaemonProcess Client(NamespacePair pair, string user) => DaemonProcess.Start(
        "data-plane: userspace\nlog: { level: information, format: console }\ntunnels: { t: { lns: 192.0.2.2, secret: test, "
            + $"sessions: {{ s: {{ ppp: {{ backend: built-in, user: {user}, password: {user}-secret, auth: chap }} }} }} }} }}\n",
        networkNamespace: pair.First);
}
