using L2tpd.Cli;
using L2tpd.Unit.Tests.Daemon.Control;

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
                ExitCodes.Refused, "", "l2tpctl: \"678\" fits more than one session; use the id of the one that is meant\n  12345/678\n  1/678\n"),
            await CliRun.Piped(server.SocketPath, "session", "close", "678"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("show")]
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
        // Not disposed: it would write once more.
        var output = new StreamWriter(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)) { AutoFlush = atOnce };
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
