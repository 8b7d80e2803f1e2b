using System.Text.Json;
using L2tpd.Control;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Cli;

public sealed class DetailTests
{
    [Fact]
    public async Task Status_as_facts()
    {
        await using var server = await TestServer.StartAsync();
        var run = await CliRun.Piped(server.SocketPath, "show", "status");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            """
            version:                         0.1.0
            process-id:                      4711
            started-at:                      2026-11-20 23:59:58Z
            uptime:                          1d 02:03:04
            host-name:                       lns.example.net
            data-plane:                      kernel
            data-plane-reason:               the kernel has L2TP (netlink family l2tp)
            listeners:                       0.0.0.0:1701, [::]:1701
            tunnels:                         2
            half-open-tunnels:               1
            sessions:                        3
            ppp-networks-up:                 2
            ppp-authentications-failed:      3
            configuration-read-at:           2026-11-21 01:02:03Z
            last-reload.at:                  2026-11-21 01:02:04Z
            last-reload.by:                  SIGHUP
            last-reload.result:              refused
            last-reload.changes:             0
            last-reload.needs-restart:       listeners
            last-reload.failure:             the file has errors
            last-reload.errors:              f:1:1: e
            log-level.level:                 debug
            log-level.configured:            warning
            log-level.name:                  carrier
            log-level.until:                 2026-11-29 12:00:00Z
            drain.all:                       yes
            drain.peers:                     hq
            drain.tunnels:                   2
            drain.sessions:                  3
            held-down:                       hq, hq/main
            waiting-for-traffic:             hq/backup
            closing.selected:                1000
            closing.closed:                  10
            closing.left:                    990
            closing.rate:                    100
            closing.by:                      uid 0 (pid 7)
            closing.is-stopped:              no
            counters.datagrams-received:     1
            counters.datagrams-sent:         2
            counters.data-dropped:           3
            counters.malformed-headers:      4
            counters.unknown-version:        5
            counters.unknown-tunnel:         6
            counters.wrong-source:           7
            counters.rate-limited:           8
            counters.half-open-limited:      9
            counters.requests-deferred:      10
            counters.tunnels-refused:        11
            counters.tunnels-established:    12
            counters.sessions-established:   13
            counters.sessions-refused:       14
            counters.digest-failures:        15
            limits.max-tunnels:              60000
            limits.max-sessions:             1000000
            limits.max-half-open:            4096
            limits.max-half-open-per-source: 64
            limits.sccrq-rate-per-source:    50
            limits.sccrq-burst-per-source:   200
            limits.refusal-rate:             1000
            limits.max-descriptors:          20000
            ipsec-drops.clear-text:          31
            ipsec-drops.no-association:      32
            ipsec-drops.invalid:             33
            ipsec-drops.not-sent:            34
            ipsec-drops.without-mark:        35

            """,
            run.Out);
    }

    [Fact]
    public async Task A_tunnel_as_facts()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.HalfOpen);
        Assert.Equal(
            """
            name:                       hq
            peer:                       hq
            local-id:                   7
            peer-id:                    0
            version:                    2
            role:                       initiator
            state:                      wait-ctl-reply
            remote:                     [2001:db8::1]:1701
            authenticated:              no
            sessions:                   0
            counters.messages-sent:     1201
            counters.messages-received: 1188
            counters.retransmissions:   3
            counters.duplicates:        2
            counters.out-of-order:      1
            counters.zlbs-sent:         40
            counters.zlbs-received:     41
            counters.hellos-sent:       12
            counters.wrong-source:      4
            counters.malformed:         5
            counters.digest-failures:   6

            """,
            (await CliRun.Piped(server.SocketPath, "show", "tunnel", "hq")).Out);
    }

    [Fact]
    public async Task A_session_with_every_fact()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.Add(Samples.Session);
        var run = await CliRun.Piped(server.SocketPath, "show", "session", "12345/678");
        var facts = run.Out.TrimEnd('\n').Split('\n').Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1].TrimStart());
        Assert.Equal("0301234", facts["call.calling-number"]);
        Assert.Equal("100", facts["call.called-number"]);
        Assert.Equal("50000000", facts["connect.tx-speed"]);
        Assert.Equal("blue", facts["connect.private-group"]);
        Assert.Equal("joe@example.net", facts["proxy-authentication.name"]);
        Assert.Equal("yes", facts["proxy-authentication.has-response"]);
        Assert.Equal("eth 1/2", facts["dsl-line.agent-circuit-id"]);
        Assert.Equal("yes", facts["sequencing.required"]);
        Assert.Equal("01:02:05", facts["up"]);

        var json = (await CliRun.Piped(server.SocketPath, "show", "session", "12345/678", "--json")).Out;
        Assert.Equal(JsonSerializer.Serialize(Samples.Session, ControlJson.Default.SessionView) + "\n", json);
    }

    [Fact]
    public async Task Facts_from_the_network_cannot_steer_the_terminal()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.HalfOpen with { HostName = "[bold]a\u001b[2J\r\nroot: yes\u202e\u009b" });
        foreach (var run in new[]
                 {
                     await CliRun.Piped(server.SocketPath, "show", "tunnel", "hq"),
                     await CliRun.Terminal(server.SocketPath, 200, false, "show", "tunnel", "hq"),
                 })
        {
            Assert.Contains(@"[bold]a\x1b[2J\x0d\x0aroot: yes\x202e\x9b" + "\n", run.Out);
        }

        var coloured = await CliRun.Terminal(server.SocketPath, 200, true, "show", "tunnel", "hq");
        Assert.Contains(@"[bold]a\x1b[2J\x0d\x0aroot: yes\x202e\x9b", coloured.Out);
    }

    [Fact]
    public async Task Closing_says_what_is_closed()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.Tunnel);
        server.Plane.Sessions.Add(Samples.Session);
        Assert.Equal(
            new CliRun(0, "closing tunnel carrier/lac1.example.net/12345 (12345) and its 2 sessions\n", ""),
            await CliRun.Piped(server.SocketPath, "tunnel", "close", "12345"));
        Assert.Equal(
            new CliRun(0, "closing session carrier/lac1.example.net/12345/678 (12345/678)\n", ""),
            await CliRun.Piped(server.SocketPath, "session", "close", "12345/678"));
        Assert.Equal(
            new CliRun(0, "{\"name\":\"carrier/lac1.example.net/12345\",\"id\":\"12345\",\"sessions\":2}\n", ""),
            await CliRun.Piped(server.SocketPath, "--json", "tunnel", "close", "12345"));
        Assert.Equal(["12345", "12345/678", "12345"], server.Plane.Closed.Select(c => c.Name));
    }
}
