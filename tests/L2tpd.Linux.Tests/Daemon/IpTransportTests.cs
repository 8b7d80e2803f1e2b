namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// L2TPv3 over IP between two daemons on the loopback interface, by raw sockets if the kernel has no others; and static tunnels with
/// keepalive.
/// </summary>
public sealed class IpTransportTests
{
    private const string Head = "data-plane: \"null\"\ntimers: { hello-interval: 1s }\n";

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.1")]
    [InlineData("::1", "::1")]
    public void Tunnel_and_session_come_up_and_go(string server, string client)
    {
        Assert.True(Environment.IsPrivilegedProcess, "raw sockets need root, or CAP_NET_RAW");
        using var lns = DaemonProcess.Start($"{Head}listen: \"ip:{server}\"\npeers: {{ any: {{ protocol: v3, secret: s }} }}\n");
        Assert.Contains(lns.Lines, line => line.Contains($"ip:{(server == "::1" ? "[::1]" : server)}", StringComparison.Ordinal));
        using var lac = DaemonProcess.Start(
            $"{Head}tunnels:\n  one: {{ lns: \"{server}\", local-address: \"{client}\", transport: ip, protocol: v3, secret: s, sessions: "
                + $"{{ a: {{ }}, b: {{ }} }} }}\n"
            + $"  two: {{ lns: \"{server}\", local-address: \"{client}\", transport: ip, protocol: v3, secret: s, sessions: {{ c: "
                + $"{{ }} }} }}\n");
        foreach (var session in new[] { "one/a", "one/b", "two/c" })
            lac.WaitFor($"Session {session} of tunnel {session[..3]} is up");
        lns.WaitFor("authenticated");

        lac.Signal(DaemonProcess.Term);

        // It waited for the acknowledgement of each StopCCN.
        Assert.Equal(0, lac.WaitForExit());
        lns.Signal(DaemonProcess.Term);
        Assert.Equal(0, lns.WaitForExit());
        Assert.Equal(2, lns.Lines.Count(line => line.Contains("the peer sent StopCCN", StringComparison.Ordinal)));
    }

    [Fact]
    public void Static_tunnels_answer_each_other_until_one_end_is_gone()
    {
        Assert.True(Environment.IsPrivilegedProcess, "raw sockets need root, or CAP_NET_RAW");
        var (here, there) = (DaemonProcess.FreePort(), DaemonProcess.FreePort());
        using var one = DaemonProcess.Start(Static("127.0.0.2", "127.0.0.3", here, there, 1, 2));
        one.WaitFor("Tunnel ip: ip:127.0.0.3 no longer answers HELLO");
        one.WaitFor($"Tunnel udp: 127.0.0.3:{there} no longer answers HELLO");

        using var other = DaemonProcess.Start(Static("127.0.0.3", "127.0.0.2", there, here, 2, 1));
        one.WaitFor("Tunnel ip: ip:127.0.0.3 answers again");
        one.WaitFor($"Tunnel udp: 127.0.0.3:{there} answers again");

        one.Signal(DaemonProcess.Term);
        Assert.Equal(0, one.WaitForExit());
        other.WaitFor("Tunnel ip: ip:127.0.0.2 no longer answers HELLO");
    }

    private static string Static(string local, string remote, int port, int remotePort, int id, int peerId) => $$"""
        {{Head}}
        tunnels:
          ip:
            { protocol: static, transport: ip, local-address: {{local}}, remote: {{remote}}, tunnel-id: {{id}}, peer-tunnel-id: {{peerId}},
              keepalive: { interval: 200ms, retransmit-initial: 100ms, max-retransmits: 2 },
              sessions: { lan: { session-id: 1{{id}}, peer-session-id: 1{{peerId}} } } }
          udp:
            { protocol: static, local-address: {{local}}, remote: "{{remote}}:{{remotePort}}", source-port: {{port}},
              tunnel-id: 10{{id}}, peer-tunnel-id: 10{{peerId}},
              keepalive: { interval: 200ms, retransmit-initial: 100ms, max-retransmits: 2 } }

        """;
}
