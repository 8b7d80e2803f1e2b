namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Another program deletes the interfaces of running sessions (<c>ip link del</c>).</summary>
public sealed class UserspaceDeletionTests
{
    [Fact]
    public void The_sessions_own_interface_ends_the_session_which_is_dialled_again()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(UserspacePppTests.Example(), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client("s: { ppp: { backend: built-in, user: test, password: test, interface: vpn0 } }"),
            networkNamespace: pair.First);
        lac.WaitFor("network is up on vpn0");
        NamespacePair.Run($"ip -n {pair.First} link del vpn0");
        Assert.Contains("is down", lac.WaitFor("the session's interface vpn0 was deleted from outside"), StringComparison.Ordinal);
        lns.WaitFor("the peer sent CDN: result 2");
        lac.WaitUntil(() => lac.Lines.Count(line => line.Contains("network is up on vpn0")) == 2, "the session to be up again");
        NamespacePair.Ping(pair.First, "10.99.0.1");
        Assert.Single(lac.Lines, line => line.Contains("The interface vpn0 of session", StringComparison.Ordinal));
    }

    [Fact]
    public void An_interface_shared_by_many_is_made_again_for_those_that_are_there_and_those_that_come()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(
            UserspacePppTests.Example() + "      fixed: { password: test, address: 10.55.0.7 }\n", networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            Client("a: { ppp: { backend: built-in, user: test, password: test, interface: vpn0 } }, b: { ppp: { backend: built-in, user: "
                + "fixed, password: test, interface: vpn1 } }"),
            networkNamespace: pair.First);
        lac.WaitFor("network is up on vpn0");
        lac.WaitFor("network is up on vpn1, we are 10.55.0.7");
        // Both sessions have the same peer address: answers leave by the session they arrived on.
        NamespacePair.Run($"ip -n {pair.First} rule add from 10.55.0.7 lookup 7; ip -n {pair.First} route add default dev vpn1 table 7");
        NamespacePair.Run($"ip -n {pair.Second} link del ppptest0");
        lns.WaitFor("and made again, for 2 sessions");
        // The route of the pool and that of the address outside of it exist again, and lead to the same sessions.
        NamespacePair.Ping(pair.First, "10.99.0.1");
        lns.WaitUntil(() => NamespacePair.Run($"ip -n {pair.Second} route").Contains("10.55.0.7 dev ppptest0", StringComparison.Ordinal),
            "the route of the fixed address");
        NamespacePair.Ping(pair.Second, "10.55.0.7");
        Assert.DoesNotContain(lac.Lines.Concat(lns.Lines), line => line.Contains("is down", StringComparison.Ordinal));
        // A second deletion.
        NamespacePair.Run($"ip -n {pair.First} link del vpn0");
        lac.WaitUntil(() => lac.Lines.Count(line => line.Contains("network is up on vpn0")) == 2, "the session to be up again");
        lns.Signal(DaemonProcess.Term);
        Assert.Equal(0, lns.WaitForExit());
        Assert.DoesNotContain("Internal error", lns.Output + lac.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_cannot_be_made_again_ends_its_sessions_with_the_reason()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(UserspacePppTests.Example(), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client("s: { ppp: { backend: built-in, user: test, password: test, interface: vpn0 } }"),
            networkNamespace: pair.First);
        lac.WaitFor("network is up on vpn0");
        // Both at once: the name is in use before the daemon can react.
        NamespacePair.Run($"kill -STOP {lns.Pid}; ip -n {pair.Second} link del ppptest0; ip -n {pair.Second} link add ppptest0 type veth "
            + $"peer name other0; kill -CONT {lns.Pid}");
        Assert.Contains("Its sessions end", lns.WaitFor("cannot be made again"), StringComparison.Ordinal);
        lac.WaitFor("the peer sent CDN: result 2");
        NamespacePair.Run($"ip -n {pair.Second} link del ppptest0");
        lac.WaitUntil(() => lac.Lines.Count(line => line.Contains("network is up on vpn0")) >= 2, "the session to be up again");
        NamespacePair.Ping(pair.First, "10.99.0.1");
    }

    [Fact]
    public void A_pseudowires_interface_ends_the_session()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(
            "data-plane: userspace\nlisten: 192.0.2.2\npeers: { any: { protocol: v3, endpoints: { e: { pseudowire: { interface: pw0 "
                + "} } } } }\n", networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            "data-plane: userspace\ntunnels: { t: { lns: 192.0.2.2, protocol: v3, sessions: { e: { pseudowire: { interface: pw0 "
                + "} } } } }\n", networkNamespace: pair.First);
        lac.WaitFor("network is up on pw0");
        NamespacePair.Run($"ip -n {pair.First} link del pw0");
        lac.WaitFor("the session's interface pw0 was deleted from outside");
        lac.WaitUntil(() => lac.Lines.Count(line => line.Contains("network is up on pw0")) == 2, "the session to be up again");
        Assert.Single(lac.Lines, line => line.Contains("Another program deleted", StringComparison.Ordinal));
    }

    private static string Client(string sessions) =>
        $"data-plane: userspace\nlog: {{ level: information, format: console }}\ntunnels: {{ t: {{ lns: 192.0.2.2, secret: test, "
            + $"sessions: {{ {sessions} }} }} }}\n";
}
