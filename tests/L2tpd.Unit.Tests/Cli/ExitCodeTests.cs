using L2tpd.Cli;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Cli;

public sealed class ExitCodeTests
{
    [Fact]
    public async Task Refusals_are_1_with_the_candidates()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.AddRange([Samples.Session, Samples.Session with { TunnelId = 1 }]);
        Assert.Equal(
            new CliRun(ExitCodes.Refused, "", "l2tpctl: there is no tunnel \"nobody\"\n"),
            await CliRun.Piped(server.SocketPath, "show", "tunnel", "nobody"));
        Assert.Equal(
            new CliRun(
                ExitCodes.Refused, "", "l2tpctl: \"678\" fits more than one session; use the id instead\n  12345/678\n  1/678\n"),
            await CliRun.Piped(server.SocketPath, "session", "close", "678"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("show everything")]
    [InlineData("show tunnel")]
    [InlineData("tunnel close")]
    [InlineData("show tunnels --limit 0")]
    [InlineData("show tunnels --limit x")]
    [InlineData("show tunnels a b")]
    [InlineData("--bogus show tunnels")]
    public async Task A_wrong_command_line_is_2(string line)
    {
        var run = await CliRun.Piped("/nowhere", line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((ExitCodes.Usage, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("l2tpctl: ", run.Error);
        Assert.EndsWith("Try l2tpctl --help.\n", run.Error);
    }

    [Theory]
    [InlineData("shwo tunnels", "unknown command \"shwo\"; did you mean \"show\"?")]
    [InlineData("show tunels", "unknown command \"tunels\"; did you mean \"tunnels\"?")]
    [InlineData("show sess", "unknown command \"sess\"; did you mean \"session\"?")]
    [InlineData("tunnel clsoe x", "unknown command \"clsoe\"; did you mean \"close\"?")]
    [InlineData("session", "a command is missing after \"session\": close, change, open, reset, up")]
    [InlineData("session change x rate", "\"rate\" has no value: write rate=VALUE")]
    [InlineData("session change x raet=1", "\"raet\" cannot be changed; did you mean \"rate\"?")]
    [InlineData("", "a command is missing: show, explain, events, trace, log, top, reload, drain, undrain, tunnel, session, import")]
    [InlineData(
        "xyzzy",
        "unknown command \"xyzzy\"; there are show, explain, events, trace, log, top, reload, drain, undrain, tunnel, session, import")]
    [InlineData("reload --froce", "unknown option \"--froce\"; did you mean \"--force\"?")]
    [InlineData("show tunnels a b", "\"b\" is one argument too many")]
    [InlineData("show tunnels --limit x", "--limit: \"x\" is not a number from 1 to 2147483647")]
    [InlineData("show tunnels --limit 0", "--limit: \"0\" is not a number from 1 to 2147483647")]
    public async Task A_wrong_command_line_is_told_what_was_meant(string line, string expected)
    {
        var run = await CliRun.Bare(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(new CliRun(ExitCodes.Usage, "", $"l2tpctl: {expected}\nTry l2tpctl --help.\n"), run);
        Assert.DoesNotContain("System.", run.Error);
    }

    [Fact]
    public async Task Show_alone_lists_what_can_be_shown()
    {
        var run = await CliRun.Bare("show");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            ["status", "tunnels", "sessions", "routes", "peers", "history", "counters", "metrics", "config", "radius", "pools",
                "tunnel", "session"],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')[1]));
    }

    [Theory]
    [InlineData("tunnels", "there is no tunnel or peer \"hk\"; did you mean one of these?", "hq")]
    [InlineData("sessions", "there is no session, tunnel or peer \"hk\"; did you mean one of these?", "hq")]
    [InlineData("peers", "there is no peer \"hk\"", null)]
    [InlineData("history", "there is no session, tunnel or peer \"hk\"; did you mean one of these?", "hq")]
    public async Task A_name_that_nothing_has_is_1_with_names_that_are_near(string list, string expected, string? near)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.HalfOpen);
        var run = await CliRun.Piped(server.SocketPath, "show", list, "hk");
        Assert.Equal(new CliRun(ExitCodes.Refused, "", $"l2tpctl: {expected}\n{(near is null ? "" : $"  {near}\n")}"), run);
    }

    [Fact]
    public async Task A_name_that_has_nothing_to_show_is_an_empty_list()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.HalfOpen);
        var run = await CliRun.Piped(server.SocketPath, "show", "sessions", "hq");
        Assert.Equal((ExitCodes.Ok, ""), (run.ExitCode, run.Error));
        Assert.Equal(new CliRun(ExitCodes.Ok, "[]\n", ""), await CliRun.Piped(server.SocketPath, "--json", "show", "history", "hq"));
    }

    [Fact]
    public async Task A_reload_says_what_it_changed_and_is_forced_only_when_asked_to()
    {
        await using var server = await TestServer.StartAsync();
        var run = await CliRun.Piped(server.SocketPath, "reload");
        Assert.Equal(
            new CliRun(ExitCodes.Ok, """
                tunnel hq: changed; cannot be changed while it is up: secret; in force: timers; sessions main: added; the tunnel stays up
                limits: changed
                peer anyone: kept
                session hq/main: closed
                listeners: changed, needs a restart to take effect
                warning: f:1:1: w
                problem: p

                """, ""),
            run);
        await CliRun.Piped(server.SocketPath, "reload", "--force");
        Assert.Equal([false, true], server.Plane.Reloads.Select(static reload => reload.Force));
        server.Plane.Fault = new L2tpd.Operations.Control.ReloadRefusedException("the configuration has errors", ["f:1:2: a: b"]);
        Assert.Equal(
            new CliRun(ExitCodes.Refused, "", "l2tpctl: the configuration has errors\n  f:1:2: a: b\n"),
            await CliRun.Piped(server.SocketPath, "reload"));
    }

    [Fact]
    public async Task A_dry_run_says_that_nothing_was_changed_and_fails_with_a_bad_file()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Reload = Samples.Reload with { DryRun = true };
        var run = await CliRun.Piped(server.SocketPath, "reload", "--dry-run");
        Assert.Equal((ExitCodes.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("\nsession hq/main: would be closed\n", run.Out);
        Assert.EndsWith("\ndry run: nothing was changed\n", run.Out);
        Assert.True(Assert.Single(server.Plane.Reloads).DryRun);
        server.Plane.Fault = new L2tpd.Operations.Control.ReloadRefusedException("the configuration has errors", ["f:1:2: a: b"]);
        Assert.Equal(
            new CliRun(ExitCodes.Refused, "", "l2tpctl: the configuration has errors\n  f:1:2: a: b\n"),
            await CliRun.Piped(server.SocketPath, "reload", "--dry-run"));
    }

    [Fact]
    public async Task Drain_says_what_is_drained_and_what_is_still_up()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Peers.Add(Samples.Peer);
        Assert.Equal(
            new CliRun(ExitCodes.Ok, "drained: all peers; still up: 2 tunnels, 3 sessions\n", ""),
            await CliRun.Piped(server.SocketPath, "drain"));
        Assert.Equal(
            new CliRun(ExitCodes.Ok, $"drained: {Samples.Peer.Name}; still up: 1 tunnels, 2 sessions\n", ""),
            await CliRun.Piped(server.SocketPath, "drain", Samples.Peer.Name));
        Assert.Equal(
            new CliRun(ExitCodes.Ok, "nothing is drained\n", ""), await CliRun.Piped(server.SocketPath, "undrain", Samples.Peer.Name));
        Assert.Equal(
            new CliRun(ExitCodes.Refused, "", "l2tpctl: there is no peer \"nobody\"\n"),
            await CliRun.Piped(server.SocketPath, "drain", "nobody"));
    }

    [Theory]
    [InlineData("tunnel open hq", "open hq", "tunnel hq: is done")]
    [InlineData("tunnel reset hq", "reset hq", "tunnel hq: is done")]
    [InlineData("tunnel up hq", "up hq", "tunnel hq: is done")]
    [InlineData("tunnel close hq --stay-down", "stay-down hq", "tunnel hq: is done")]
    [InlineData("session open hq/main", "open hq/main", "session hq/main: is done")]
    [InlineData("session close --stay-down hq/main", "stay-down hq/main", "session hq/main: is done")]
    public async Task Configured_tunnels_and_sessions_are_opened_reset_and_held_down(string line, string done, string expected)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.Tunnel with { Name = "hq" });
        server.Plane.Sessions.Add(Samples.Session with { Name = "hq/main" });
        Assert.Equal(new CliRun(ExitCodes.Ok, expected + "\n", ""), await CliRun.Piped(server.SocketPath, line.Split(' ')));
        Assert.Equal([$"{done} uid"], server.Plane.Actions);
        var missing = await CliRun.Piped(server.SocketPath, [.. line.Replace("hq", "xy", StringComparison.Ordinal).Split(' ')]);
        Assert.Equal(ExitCodes.Refused, missing.ExitCode);
    }

    [Fact]
    public async Task Many_sessions_are_closed_at_a_rate()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(ExitCodes.Refused, (await CliRun.Piped(server.SocketPath, "session", "close", "--stop")).ExitCode);
        Assert.Equal(
            new CliRun(ExitCodes.Ok, "closing 1000 sessions, 100 per second; l2tpctl show status shows how far it is\n", ""),
            await CliRun.Piped(server.SocketPath, "session", "close", "--all"));
        await CliRun.Piped(server.SocketPath, "session", "close", "--all", "--user", "a b", "--rate", "7");
        await CliRun.Piped(server.SocketPath, "session", "close", "--peer", "hq", "--all");
        Assert.Equal(["100 ", "7 user=a b", "100 peer=hq"], server.Plane.Actions);
        Assert.Equal(
            new CliRun(ExitCodes.Ok, "stopped: 10 of 1000 sessions were closed\n", ""),
            await CliRun.Piped(server.SocketPath, "session", "close", "--stop"));
        Assert.Equal(ExitCodes.Usage, (await CliRun.Piped(server.SocketPath, "session", "close", "x", "--all")).ExitCode);
        Assert.Equal(
            ExitCodes.Refused, (await CliRun.Piped(server.SocketPath, "session", "close", "--all", "--rate", "10001")).ExitCode);
    }

    [Fact]
    public async Task No_daemon_is_3()
    {
        var run = await CliRun.Piped("/nowhere/control.sock", "show", "tunnels");
        Assert.Equal((ExitCodes.Unreachable, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("l2tpctl: cannot reach l2tpd at /nowhere/control.sock: there is no such socket; is l2tpd running", run.Error);
    }

    [Theory]
    [InlineData(false, "show", "tunnels")]
    [InlineData(true, "show", "tunnels")]
    [InlineData(false, "show", "status")]
    [InlineData(false, "--json", "show", "sessions")]
    [InlineData(false, "--help")]
    public async Task Output_that_cannot_be_written_is_4_and_one_line(bool atOnce, params string[] args)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.Tunnel);
        await using var error = new StringWriter { NewLine = "\n" };
        // Not disposed: that would write again.
        var device = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var output = new StreamWriter(device) { AutoFlush = atOnce };
        var code = await CommandLine.RunAsync(["--socket", server.SocketPath, .. args], new Screen(output, error, false, 80, false));
        Assert.Equal(ExitCodes.OutputLost, code);
        Assert.StartsWith("l2tpctl: cannot write the output: ", error.ToString());
        Assert.Equal(1, error.ToString().Count(static c => c == '\n'));
    }

    [Theory]
    [InlineData("--help", "Usage:")]
    [InlineData("--version", "l2tpctl 0.")]
    public async Task Help_and_version_need_no_daemon(string option, string text)
    {
        var run = await CliRun.Bare(option);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(text, run.Out);
    }
}
