using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The daemon as a process, on the null data plane: tunnels and sessions up and down, and its own end.</summary>
public sealed class DaemonRunTests
{
    private const string Null = "data-plane: \"null\"\n";

    [Fact]
    public void Answers_a_LAC_and_sees_its_sessions_come_and_go()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port));
        using var lac = EnginePeer.Lac(port, sessions: 5);
        lac.RunUntil(() => lac.Events.OfType<SessionEstablished>().Count() == 5, "sessions up");
        daemon.WaitFor("authenticated");
        lac.Tell(new ShutDown());
        lac.RunUntil(() => lac.Engine.IsQuiet, "tunnel down");
        daemon.WaitFor("is down, it had");
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
    }

    [Fact]
    public void Wrong_secret_is_refused_and_said()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port));
        using var lac = EnginePeer.Lac(port, sessions: 0, secret: "wrong");
        lac.RunUntil(() => lac.Endings.Count > 0, "tunnel refused");
        Assert.DoesNotContain(lac.Events, happened => happened is TunnelEstablished);
        Assert.DoesNotContain(daemon.Lines, line => line.Contains("is up"));
    }

    [Fact]
    public void SIGTERM_says_goodbye_to_every_peer_and_leaves_nothing_behind()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port));
        using var lac = EnginePeer.Lac(port, sessions: 3);
        lac.RunUntil(() => lac.Events.OfType<SessionEstablished>().Count() == 3, "sessions up");
        daemon.Signal(DaemonProcess.Term);
        lac.RunUntil(() => lac.Events.OfType<TunnelEnded>().Any(), "StopCCN from the daemon");
        var end = lac.Events.OfType<TunnelEnded>().Single().Reason;
        Assert.Equal((ushort)6, end.Result!.Result);
        Assert.True(end.ResultFromPeer);
        lac.RunUntil(() => daemon.Lines.Any(line => line.EndsWith("Stopped", StringComparison.Ordinal)), "daemon stopped");
        Assert.Equal(0, daemon.WaitForExit());
        Assert.Equal(["l2tpd.yaml"], Directory.GetFiles(daemon.Directory).Select(Path.GetFileName));
    }

    [Fact]
    public void SIGTERM_with_a_silent_peer_ends_after_the_configured_wait()
    {
        const int Sessions = 5_000;
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port) + "shutdown: { wait: 1s }\n");
        using var lac = EnginePeer.Lac(port, sessions: Sessions);
        lac.RunUntil(() => lac.Engine.Counters.SessionsEstablished == Sessions, "sessions up");
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
        var took = TimeOf(daemon, "Stopped") - TimeOf(daemon, "Stopping");
        Console.WriteLine($"stopping took {took.TotalSeconds} s");
        // Not less than the configured wait. The upper bound is no measurement: it distinguishes the wait from one that never ends.
        Assert.InRange(took, TimeSpan.FromMilliseconds(990), TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("GET /v1/status HT", 1)]
    [InlineData("DELETE /v1/tunnel?name=x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc", 1)]
    [InlineData("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n", 3_000)]
    public void A_control_client_that_is_slow_does_not_hold_up_SIGTERM(string request, int times)
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port) + "shutdown: { wait: 1s }\n");
        using var lac = EnginePeer.Lac(port, sessions: 1);
        lac.RunUntil(() => lac.Events.OfType<SessionEstablished>().Any(), "session up");
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(Path.Combine(daemon.Directory, "control.sock")));
        client.Blocking = false;
        // The client reads nothing, and what does not fit into the buffers stays unsent.
        for (var i = 0; i < times; i++)
            client.Send(Encoding.ASCII.GetBytes(request), SocketFlags.None, out _);
        Thread.Sleep(300);
        var watch = Stopwatch.StartNew();
        daemon.Signal(DaemonProcess.Term);
        lac.RunUntil(() => lac.Events.OfType<TunnelEnded>().Any(), "StopCCN from the daemon");
        Assert.Equal(0, daemon.WaitForExit());
        // No measurement: it distinguishes a client that was disconnected from one that was waited for, 18 s and more.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
        Assert.DoesNotContain("broke", daemon.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_socket_answers_while_peers_are_told()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port) + "shutdown: { wait: 30s }\n");
        using var lac = EnginePeer.Lac(port, sessions: 1);
        lac.RunUntil(() => lac.Events.OfType<SessionEstablished>().Any(), "session up");
        daemon.Signal(DaemonProcess.Term);
        daemon.WaitFor("Stopping: closing 1 tunnels with 1 sessions");
        using var client = new L2tpd.Control.ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        Assert.Equal(0, (await client.StatusAsync()).Sessions);
        lac.RunUntil(() => lac.Events.OfType<TunnelEnded>().Any(), "StopCCN from the daemon");
        Assert.Equal(0, daemon.WaitForExit());
    }

    [Fact]
    public void At_the_end_the_hook_of_a_tunnel_waits_for_those_of_its_sessions()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port) + """
            shutdown: { wait: 100ms, ppp-wait: 100ms }
            hooks:
              parallel: 8
              session-down: sleep 1; echo $L2TPD_EVENT >> {dir}/log
              tunnel-down: echo $L2TPD_EVENT >> {dir}/log
            """);
        using var lac = EnginePeer.Lac(port, sessions: 4);
        lac.RunUntil(() => lac.Events.OfType<SessionEstablished>().Count() == 4, "sessions up");
        daemon.Signal(DaemonProcess.Term);
        lac.RunUntil(() => lac.Events.OfType<TunnelEnded>().Any(), "StopCCN from the daemon");
        Assert.Equal(0, daemon.WaitForExit());
        Assert.Equal("session-down session-down session-down session-down tunnel-down",
            string.Join(' ', File.ReadAllLines(daemon.Directory + "/log")));
    }

    [Fact]
    public void A_second_SIGTERM_ends_at_once()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port) + "shutdown: { wait: 10m }\n");
        using var lac = EnginePeer.Lac(port, sessions: 1);
        lac.RunUntil(() => lac.Events.OfType<SessionEstablished>().Any(), "session up");
        daemon.Signal(DaemonProcess.Term);
        daemon.WaitFor("Stopping: closing 1 tunnels with 1 sessions");
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(128 + DaemonProcess.Term, daemon.WaitForExit());
    }

    [Fact]
    public void SIGHUP_takes_over_new_tunnels_and_refuses_a_broken_file()
    {
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start(Null);
        var file = Path.Combine(daemon.Directory, "l2tpd.yaml");
        var before = File.ReadAllText(file);
        File.WriteAllText(file, before + "nonsense: 1\n");
        daemon.Signal(1);
        daemon.WaitFor("Reload refused");
        File.WriteAllText(file, before + $"tunnels: {{ late: {{ lns: \"127.0.0.1:{lns.Port}\" }} }}\n");
        daemon.Signal(1);
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Any(), "the new tunnel");
    }

    [Fact]
    public async Task SIGHUP_refuses_what_the_running_data_plane_cannot_do_and_says_when_the_configuration_was_read()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port));
        using var client = new L2tpd.Control.ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var file = Path.Combine(daemon.Directory, "l2tpd.yaml");
        var before = File.ReadAllText(file);
        var first = (await client.StatusAsync()).ConfigurationReadAt;
        Assert.NotNull(first);

        File.WriteAllText(file, before.Replace(Null, "data-plane: auto\n", StringComparison.Ordinal)
            .Replace("secret: test", "secret: test, lns: { ppp: { local: 10.0.0.1 } }", StringComparison.Ordinal));
        daemon.Signal(1);
        Assert.Contains("PPP needs a data plane that carries data", daemon.WaitFor("Reload refused, nothing was changed"),
            StringComparison.Ordinal);
        daemon.WaitFor("was checked for the running data plane, null");
        Assert.Equal(first, (await client.StatusAsync()).ConfigurationReadAt);
        Assert.DoesNotContain(daemon.Lines, line => line.Contains("again", StringComparison.Ordinal));

        File.WriteAllText(file, before + "ppp: { unused: {} }\n");
        daemon.Signal(1);
        daemon.WaitFor("l2tpd.yaml again");
        Assert.Contains("is not used by any session", daemon.Output, StringComparison.Ordinal);
        Assert.True((await client.StatusAsync()).ConfigurationReadAt > first);
    }

    [Fact]
    public void What_waits_for_a_restart_is_said_at_every_reload_and_not_when_it_is_as_it_was()
    {
        using var daemon = DaemonProcess.Start(Null);
        var file = Path.Combine(daemon.Directory, "l2tpd.yaml");
        var before = File.ReadAllText(file);
        File.WriteAllText(file, before + "offloads: false\n");
        for (var i = 1; i <= 2; i++)
        {
            daemon.Signal(1);
            daemon.WaitUntil(() => Reloads() == i, $"reload {i}");
            Assert.Equal(i, Waiting());
        }

        File.WriteAllText(file, before);
        daemon.Signal(1);
        daemon.WaitUntil(() => Reloads() == 3, "reload 3");
        Assert.Equal(2, Waiting());

        int Reloads() => daemon.Lines.Count(static line => line.EndsWith("l2tpd.yaml again", StringComparison.Ordinal));
        int Waiting() =>
            daemon.Lines.Count(static line => line.Contains("need a restart to take effect: offloads", StringComparison.Ordinal));
    }

    [Fact]
    public void Replies_leave_from_the_address_that_was_spoken_to()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start($"{Null}listen: 0.0.0.0:{port}\npeers: {{ any: {{ secret: test }} }}\n");
        // The engine drops datagrams from another address than the one dialled.
        using var lac = EnginePeer.Lac(port, sessions: 1, host: "127.0.0.77");
        lac.RunUntil(() => lac.Events.OfType<SessionEstablished>().Any(), "session with 127.0.0.77");
        Assert.Equal(0, lac.Engine.Counters.WrongSource);
    }

    [Fact]
    public void Two_daemons_speak_over_IPv6()
    {
        var port = DaemonProcess.FreePort();
        using var lns = DaemonProcess.Start($"{Null}listen: \"[::]:{port}\"\npeers: {{ any: {{ secret: test }} }}\n");
        using var lac = DaemonProcess.Start(
            $"{Null}tunnels: {{ six: {{ lns: \"[::1]:{port}\", secret: test, sessions: {{ one: {{}} }} }} }}\n");
        lac.WaitFor("Session six/one of tunnel six is up");
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        lns.WaitFor("the peer sent StopCCN");
    }

    [Fact]
    public void A_dialled_tunnel_may_share_the_port_of_the_listener()
    {
        var port = DaemonProcess.FreePort();
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start(
            $"{Null}listen: 127.0.0.1:{port}\ntunnels: {{ t: {{ lns: \"127.0.0.1:{lns.Port}\", source-port: {port} }} }}\n");
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Any(), "tunnel");
        Assert.Equal(port, lns.Engine.Tunnels.Single().Path.Remote.Port);
    }

    [Fact]
    public void A_closed_port_is_named_as_the_last_socket_error()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(
            $"{Null}tunnels: {{ t: {{ lns: \"127.0.0.1:{port}\", timers: {{ retransmit-initial: 100ms, retransmit-cap: 200ms, "
                + $"max-retransmits: 3 }} }} }}\n");
        var line = daemon.WaitFor("Tunnel t with");
        Assert.Contains($"nothing listens at 127.0.0.1:{port}: it refused", line);
        Assert.Contains("ECONNREFUSED", line);
    }

    [Fact]
    public void With_default_timers_the_LNS_behind_a_closed_port_is_up_in_seconds()
    {
        var port = DaemonProcess.FreePort();
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start(
            $"{Null}tunnels: {{ t: {{ lns: [\"127.0.0.1:{port}\", \"127.0.0.1:{lns.Port}\"]}} }}\n");
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Any(), "the second LNS");
        var took = TimeOf(daemon, $"127.0.0.1:{lns.Port}") - TimeOf(daemon, $"dialling 127.0.0.1:{port}");
        Console.WriteLine($"the second LNS was dialled after {took.TotalSeconds} s");
        Assert.InRange(took, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task An_unknown_host_is_said_and_tried_again()
    {
        using var daemon = DaemonProcess.Start($"{Null}tunnels: {{ t: {{ lns: no-such-host.invalid }} }}\n");
        Assert.Contains("no-such-host.invalid", daemon.WaitFor("trying again"));
        Assert.Contains("no-such-host.invalid", daemon.WaitFor("Cannot resolve the name of an LNS"));
        using var client = new L2tpd.Control.ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var entry = (await client.HistoryAsync()).Items[0];
        Assert.Equal(("lookup-failed", "no-such-host.invalid"), (entry.Kind, entry.Name));
    }

    [Fact]
    public async Task Every_dialled_address_that_fails_leaves_a_line_and_a_history_entry()
    {
        var (first, second) = (DaemonProcess.FreePort(), DaemonProcess.FreePort());
        using var daemon = DaemonProcess.Start(
            $"{Null}tunnels: {{ t: {{ lns: [\"127.0.0.1:{first}\", \"127.0.0.1:{second}\"], timers: {{ retransmit-initial: 100ms, "
                + $"retransmit-cap: 100ms, max-retransmits: 1 }} }} }}\n");
        daemon.WaitFor("trying again");
        using var client = new L2tpd.Control.ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var entries = (await client.HistoryAsync()).Items;
        foreach (var port in (int[])[first, second])
        {
            Assert.Contains(daemon.Lines, line => line.Contains($"Tunnel t with 127.0.0.1:{port} is down"));
            Assert.Contains(entries, entry => entry.Remote == $"127.0.0.1:{port}");
        }
    }

    [Fact]
    public void Garbage_is_survived()
    {
        var seed = Seeds.One(Console.WriteLine);
        var random = new Random(seed);
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(Lns(port));
        using var socket = new System.Net.Sockets.UdpClient("127.0.0.1", port);
        for (var i = 0; i < 2_000; i++)
        {
            var octets = new byte[random.Next(0, 1_500)];
            random.NextBytes(octets);
            if (octets.Length > 1 && random.Next(2) == 0)
                (octets[0], octets[1]) = (0xc8, 0x02);
            socket.Send(octets);
        }

        using var lac = EnginePeer.Lac(port, sessions: 1);
        lac.RunUntil(() => lac.Events.OfType<SessionEstablished>().Any(), $"session up after garbage (seed {seed})");
        Assert.DoesNotContain(daemon.Lines, line => line.Contains("Internal error"));
    }

    private static TimeSpan TimeOf(DaemonProcess daemon, string text) =>
        TimeSpan.Parse(daemon.WaitFor(text).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static string Lns(int port) => $"{Null}listen: 127.0.0.1:{port}\npeers: {{ any: {{ secret: test }} }}\n";
}
