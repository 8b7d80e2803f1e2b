namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// A LAC that asks FreeRADIUS where to dial: the answer names a dead LNS, one with another secret, and a good one. The LNS is a daemon in
/// the second network namespace.
/// </summary>
public sealed class LacSelectionTests
{
    private const string Good = "Tunnel-Server-Endpoint:2 = \"192.0.2.2\", Tunnel-Preference:2 = 20, Tunnel-Password:2 = \"right\"";

    [Fact]
    public void A_dead_LNS_gives_way_to_the_next_whose_name_and_secret_are_the_servers()
    {
        using var pair = new NamespacePair();
        // A name, of which only the address of the medium counts. Nobody listens there: the port is refused at once.
        using var radius = new FreeRadius(pair.First, User(
            "Tunnel-Type:1 = L2TP, Tunnel-Medium-Type:1 = IPv4, Tunnel-Server-Endpoint:1 = \"localhost\", Tunnel-Preference:1 = 10, "
                + "Tunnel-Type:2 = L2TP, Tunnel-Medium-Type:2 = IPv4, Tunnel-Client-Auth-Id:2 = \"chosen\", "
                + "Tunnel-Server-Auth-Id:2 = \"lns2\", Tunnel-Client-Endpoint:2 = \"192.0.2.1\", " + Good));
        using var lns = Lns(pair);
        using var lac = Lac(pair);
        lac.WaitFor("RADIUS names the LNSs for example.net, in this order: localhost, 192.0.2.2");
        lac.WaitFor("network is up on ppp0, we are 10.99.0.2");
        NamespacePair.Ping(pair.First, "10.99.0.1");
        Assert.Contains("chosen", lns.WaitFor("is up"), StringComparison.Ordinal);
        Assert.Contains(lac.Lines, static line => line.Contains("127.0.0.1", StringComparison.Ordinal)
            && line.Contains("nothing listens", StringComparison.Ordinal));
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        Assert.DoesNotContain("Internal error", lac.Output + lns.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("right", lac.Output.Replace("in this order", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_secret_and_a_reject_are_said_and_a_corrected_answer_counts_at_the_next_dial()
    {
        using var pair = new NamespacePair();
        using var lns = Lns(pair);
        using (new FreeRadius(pair.First, User("Tunnel-Server-Endpoint:0 = \"192.0.2.2\", Tunnel-Password:0 = \"wrong\"")))
        {
            using var refused = Lac(pair);
            refused.WaitFor("the secrets differ");
        }

        using var lac = Lac(pair);
        lac.WaitFor("no RADIUS server answered where to dial for example.net");
        using (new FreeRadius(pair.First, "nobody Auth-Type := Reject\n"))
            lac.WaitFor("RADIUS server main rejected example.net");
        using var radius = new FreeRadius(pair.First, User(Good));
        lac.WaitFor("network is up on ppp0, we are 10.99.0.2");
    }

    private static string User(string attributes) =>
        $"example.net Cleartext-Password := \"outbound\", Service-Type == Outbound-User\n    {attributes}\n";

    private static DaemonProcess Lns(NamespacePair pair) => DaemonProcess.Start(
        """
        data-plane: userspace
        listen: 192.0.2.2
        host-name: lns2
        log: { level: information, format: console }
        peers: { any: { secret: right, lns: { ppp: p } } }
        ppp: { p: { interface: { shared: ppptest0 }, auth: chap, users: { alice: { password: pw } }, local: 10.99.0.1, pool: 10.99.0.2 } }

        """, networkNamespace: pair.Second);

    private static DaemonProcess Lac(NamespacePair pair) => DaemonProcess.Start(
        $$"""
        data-plane: userspace
        log: { level: information, format: console }
        radius: { servers: { main: { address: 127.0.0.1, secret: {{FreeRadius.Secret}} } }, timeout: 200ms, attempts: 1 }
        tunnels:
          t:
            select: radius
            select-user: example.net
            select-password: outbound
            backoff: { initial: 300ms, maximum: 300ms }
            sessions: { s: { ppp: { backend: built-in, user: alice, password: pw } } }

        """, networkNamespace: pair.First);
}
