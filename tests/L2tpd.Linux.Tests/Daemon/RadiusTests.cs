using System.Globalization;
using System.Text.Json;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The daemon as LNS with FreeRADIUS as its server: another daemon dials in from a second network namespace.</summary>
public sealed class RadiusTests
{
    private const string Users = """
        alice Cleartext-Password := "alice-secret"
            Framed-IP-Address = 10.99.7.7, MS-Primary-DNS-Server = 10.99.0.53, Session-Timeout = 7200, Class = 0x6331,
            Reply-Message = "welcome"
        pooled Cleartext-Password := "pooled-secret"
        short Cleartext-Password := "short-secret"
            Session-Timeout = 2
        locked Cleartext-Password := "locked-secret", Auth-Type := Reject
            Reply-Message = "account locked"

        """;

    [Theory]
    [InlineData("pap")]
    [InlineData("chap")]
    [InlineData("mschap-v2")]
    public void A_user_of_FreeRADIUS_gets_its_address_and_is_accounted_by_what_it_carried(string method)
    {
        using var pair = new NamespacePair();
        using var radius = new FreeRadius(pair.Second, Users);
        using var lns = Lns(pair);
        Assert.Equal("lns1", radius.WaitForRecord("Accounting-On")["NAS-Identifier"]);
        using var lac = Client(pair, $"user: alice, password: alice-secret, auth: {method}");
        lac.WaitFor("network is up on ppp0, we are 10.99.7.7");
        var start = radius.WaitForRecord("Start", "alice");
        NamespacePair.Ping(pair.First, "10.99.0.1", octets: 1_000);
        NamespacePair.Ping(pair.First, "10.99.0.1", octets: 200);
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        var stop = radius.WaitForRecord("Stop", "alice");
        Assert.Equal(
            ("10.99.7.7", "0x6331", "RADIUS", "127.0.0.1", "Virtual", "PPP", "L2TP", "192.0.2.1"),
            (stop["Framed-IP-Address"], stop["Class"], stop["Acct-Authentic"], stop["NAS-IP-Address"], stop["NAS-Port-Type"],
                stop["Framed-Protocol"], Untagged(stop, "Tunnel-Type"), Untagged(stop, "Tunnel-Client-Endpoint")));
        Assert.Equal(start["Acct-Session-Id"], stop["Acct-Session-Id"]);
        AssertCounted(lns, stop);
        lns.Signal(DaemonProcess.Term);
        Assert.Equal(0, lns.WaitForExit());
        Assert.Equal(start["Acct-Session-Id"].Split('-')[0], radius.WaitForRecord("Accounting-Off")["Acct-Session-Id"]);
        Assert.DoesNotContain("Internal error", lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(FreeRadius.Secret, lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("alice-secret", lns.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Stop_has_what_the_kernel_counted_on_the_sessions_interface()
    {
        const int Packets = 300;
        using var pair = new NamespacePair();
        using var radius = new FreeRadius(pair.Second, Users);
        using var lns = Lns(pair, shape: "");
        using var lac = Client(pair, "user: pooled, password: pooled-secret");
        lac.WaitFor("network is up on ppp0");
        NamespacePair.Ping(pair.First, "10.99.0.1");
        // More to the LNS than back: the directions must not be exchanged.
        NamespacePair.Run($"ip netns exec {pair.Second} sysctl -q -w net.ipv4.icmp_echo_ignore_all=1");
        NamespacePair.Run($"ip netns exec {pair.First} ping -q -n -c {Packets} -i 0.002 -s 1000 -W 1 10.99.0.1 || true");
        using var link = JsonDocument.Parse(NamespacePair.Run($"ip -n {pair.Second} -s -j link show ppp0"));
        var kernel = link.RootElement[0].GetProperty("stats64");
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        var stop = radius.WaitForRecord("Stop", "pooled");
        AssertNear(kernel.GetProperty("rx"), stop, "Input", Packets);
        AssertNear(kernel.GetProperty("tx"), stop, "Output", 1);
    }

    /// <summary>The record counts the same packets with 2 to 4 octets of PPP header each, and the control frames of the session.</summary>
    private static void AssertNear(JsonElement kernel, Dictionary<string, string> stop, string direction, long least)
    {
        const long ControlFrames = 20;
        var (octets, packets) = (kernel.GetProperty("bytes").GetInt64(), kernel.GetProperty("packets").GetInt64());
        Assert.InRange(packets, least, long.MaxValue);
        // The kernel also counts what IPv6 sends by itself, which is not carried.
        var carried = long.Parse(stop[$"Acct-{direction}-Packets"], CultureInfo.InvariantCulture);
        Assert.InRange(carried, packets - ControlFrames, packets + ControlFrames);
        Assert.InRange(long.Parse(stop[$"Acct-{direction}-Octets"], CultureInfo.InvariantCulture),
            octets + (2 * packets) - (ControlFrames * 100), octets + (4 * packets) + (ControlFrames * 100));
    }

    [Fact]
    public void Rejects_a_pool_and_a_time_limit_are_those_of_the_server()
    {
        using var pair = new NamespacePair();
        using var radius = new FreeRadius(pair.Second, Users);
        using var lns = Lns(pair);
        using (var locked = Client(pair, "user: locked, password: locked-secret, auth: pap"))
        {
            lns.WaitFor("the peer failed authentication: RADIUS server main rejected it: account locked");
            locked.WaitFor("the peer sent CDN: result 3");
        }

        using (var wrong = Client(pair, "user: alice, password: wrong, auth: mschap-v2"))
            lns.WaitUntil(() => lns.Lines.Count(static line => line.Contains("RADIUS server main rejected it")) >= 2, "the second reject");

        using (var pooled = Client(pair, "user: pooled, password: pooled-secret"))
            pooled.WaitFor("network is up on ppp0, we are 10.99.0.10");

        using (Client(pair, "user: short, password: short-secret"))
        {
            var stop = radius.WaitForRecord("Stop", "short");
            Assert.Equal(("Session-Timeout", "2"), (stop["Acct-Terminate-Cause"], stop["Acct-Session-Time"]));
        }

        Assert.DoesNotContain(radius.Records(), static record => record.GetValueOrDefault("User-Name") == "locked");
    }

    [Fact]
    public void Local_users_come_in_while_the_server_is_silent_and_their_Start_reaches_it_later()
    {
        using var pair = new NamespacePair();
        using var lns = Lns(pair, "access: [radius, local], users: { dave: { password: dave-secret } }");
        using var lac = Client(pair, "user: dave, password: dave-secret");
        lac.WaitFor("network is up on ppp0, we are 10.99.0.10");
        lns.WaitFor("RADIUS server main does not answer (suspect)");
        using var radius = new FreeRadius(pair.Second, Users);
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        // A user that only RADIUS knows comes in again, and one that it rejects does not, although it is a local one.
        using (var alice = Client(pair, "user: alice, password: alice-secret"))
            alice.WaitFor("network is up on ppp0, we are 10.99.7.7");
        lns.WaitFor("RADIUS server main answers again");
        using (Client(pair, "user: dave, password: dave-secret"))
            lns.WaitFor("RADIUS server main rejected it");
        Assert.Equal("Local", radius.WaitForRecord("Start", "dave")["Acct-Authentic"]);
        Assert.Equal("Local", radius.WaitForRecord("Stop", "dave")["Acct-Authentic"]);
    }

    /// <summary>
    /// The octets and packets of the Stop are those that the daemon's own line has, and are no less than what was pinged.
    /// </summary>
    private static void AssertCounted(DaemonProcess lns, Dictionary<string, string> stop)
    {
        ulong Number(string name) => ulong.Parse(stop[name], CultureInfo.InvariantCulture);
        var line = lns.WaitFor("PPP of alice ended");
        foreach (var name in new[] { "Acct-Input-Octets", "Acct-Output-Octets", "Acct-Input-Packets", "Acct-Output-Packets" })
            Assert.Contains($" {stop[name]} ", line, StringComparison.Ordinal);
        Assert.Equal((0ul, 0ul), (Number("Acct-Input-Gigawords"), Number("Acct-Output-Gigawords")));
        Assert.InRange(Number("Acct-Input-Octets"), 1_256ul, 5_000ul);
        Assert.InRange(Number("Acct-Output-Packets"), 2ul, 50ul);
    }

    private static string Untagged(Dictionary<string, string> record, string name) => record.GetValueOrDefault(name)
        ?? record[name + ":0"];

    private static DaemonProcess Lns(
        NamespacePair pair, string access = "access: radius", string shape = "interface: { shared: ppptest0 },") => DaemonProcess.Start(
        $$"""
        data-plane: userspace
        listen: 192.0.2.2
        log: { level: information, format: console }
        peers: { any: { secret: test, lns: { ppp: p } } }
        radius:
          servers: { main: { address: 127.0.0.1, secret: {{FreeRadius.Secret}} } }
          timeout: 200ms
          attempts: 1
        ppp:
          p: { name: lns1, {{shape}} auth: [chap, mschap-v2, pap], local: 10.99.0.1,
            pool: 10.99.0.10-10.99.0.99, {{access}} }

        """, networkNamespace: pair.Second);

    private static DaemonProcess Client(NamespacePair pair, string ppp) => DaemonProcess.Start(
        "data-plane: userspace\nlog: { level: information, format: console }\ntunnels: { t: { lns: 192.0.2.2, secret: test, "
            + $"sessions: {{ s: {{ ppp: {{ backend: built-in, {ppp} }} }} }} }} }}\n", networkNamespace: pair.First);
}
