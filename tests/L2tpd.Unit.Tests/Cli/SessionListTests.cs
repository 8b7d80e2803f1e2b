using L2tpd.Cli;
using L2tpd.Control;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Cli;

public sealed class SessionListTests
{
    [Fact]
    public async Task Columns_are_those_that_are_asked_for()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.Add(Samples.Session);
        Assert.Equal(
            """
            USER   PREFIXES                           RATE-DOWN  RATE-UP  MAC                CIRCUIT
            alice  2001:db8:1::/64 2001:db8:100::/56        20M       5M  00:53:00:ab:cd:ef  eth 1/2

            """,
            (await CliRun.Piped(server.SocketPath, "show", "sessions", "--columns", "user,prefixes,rate-down,rate-up,mac,circuit")).Out);
        var wide = (await CliRun.Piped(server.SocketPath, "show", "sessions", "--wide")).Out.Split('\n');
        Assert.Equal(SessionColumnNames(), wide[0].Split("  ", StringSplitOptions.RemoveEmptyEntries).Select(static word => word.Trim()));
        Assert.Contains("carrier/lac1.example.net/12345/678", wide[1]);
    }

    [Theory]
    [InlineData("up", "bca")]
    [InlineData("-up", "acb")]
    [InlineData("user", "abc")]
    [InlineData("-user", "cba")]
    [InlineData("address", "cab")]
    public async Task Rows_are_sorted_by_a_column_before_the_limit(string column, string expected)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.AddRange(
        [
            Samples.Session with { User = "a", UpSeconds = 30, PeerAddress = "10.0.0.9" },
            Samples.Session with { User = "b", UpSeconds = 1, PeerAddress = "10.0.0.10" },
            Samples.Session with { User = "c", UpSeconds = 2.5, PeerAddress = "9.9.9.9" },
        ]);
        var args = new[] { "show", "sessions", "--columns", "user", "--sort", column };
        var rows = (await CliRun.Piped(server.SocketPath, args)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, string.Concat(rows.Skip(1)));
        rows = (await CliRun.Piped(server.SocketPath, [.. args, "--limit", "2"])).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected[..2], string.Concat(rows.Skip(1)));
    }

    [Fact]
    public async Task Filters_and_selector_options_go_to_the_daemon()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.Add(Samples.Session);
        await CliRun.Piped(
            server.SocketPath, "show", "sessions", "--user", "alice", "--filter", "state=network-up", "--filter", "prefix=10.0.0.0/8");
        Assert.Equal(
            new SessionSelector { User = "alice", State = "network-up", Prefix = "10.0.0.0/8" }, server.Plane.Requests[^1].Selector);
        Assert.StartsWith("{", (await CliRun.Piped(server.SocketPath, "show", "session", "--user", "alice", "--json")).Out);
        await CliRun.Piped(server.SocketPath, "session", "close", "--interface", "ppp0");
        Assert.Equal("[interface, ppp0]", server.Plane.Closed[^1].Name);
    }

    [Theory]
    [InlineData("--columns user,colour", "--columns: there is no column \"colour\"; l2tpctl show sessions --help lists them")]
    [InlineData("--columns usr", "--columns: there is no column \"usr\"; did you mean \"user\"?")]
    [InlineData("--sort -upp", "--sort: there is no column \"-upp\"; did you mean \"up\"?")]
    [InlineData("--filter user", "--filter: \"user\" has no value: write user=VALUE")]
    [InlineData("--filter mood=good",
        "--filter: unknown key \"mood\"; there are user, address, prefix, peer, interface, number, state, profile")]
    [InlineData("--filter user=a --filter user=b", "--filter: \"user\" is given twice")]
    [InlineData("--watch x", "--watch: \"x\" is not a number of seconds from 0.1 to 86400")]
    public async Task What_is_wrong_with_an_option_is_said(string options, string expected)
    {
        var run = await CliRun.Bare(["show", "sessions", .. options.Split(' ')]);
        Assert.Equal(new CliRun(ExitCodes.Usage, "", $"l2tpctl: {expected}\nTry l2tpctl --help.\n"), run);
    }

    [Theory]
    [InlineData("show session")]
    [InlineData("session close")]
    public async Task A_session_must_be_named_or_selected(string command)
    {
        var run = await CliRun.Bare(command.Split(' '));
        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains("a NAME is required, or an option that selects the session, for example --user", run.Error);
    }

    [Fact]
    public async Task Watch_prints_again_until_it_is_cancelled()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.Add(Samples.Session);
        using var stop = new CancellationTokenSource();
        var output = new StoppingWriter(stop, headings: 3);
        var code = await CommandLine.RunAsync(
            ["--socket", server.SocketPath, "show", "sessions", "--watch", "0.1"], new Screen(output, output, false, 80, false),
            stop.Token);
        Assert.Equal(ExitCodes.Ok, code);
        Assert.True(output.Headings >= 3);
    }

    [Fact]
    public async Task A_table_of_many_rows_fits_a_terminal_of_80_characters()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.AddRange(Enumerable.Range(1, 5_000).Select(static i =>
            Samples.Session with { LocalId = (uint)i, Name = $"carrier/lac1.example.net/12345/{i}" }));
        var run = await CliRun.Terminal(server.SocketPath, 80, true, "show", "sessions");
        Assert.Equal(5_002, run.Out.Split('\n').Length);
        Assert.All(run.Out.Split('\n'), static line => Assert.True(Plain(line).Length <= 80, line));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(40)]
    [InlineData(30)]
    public async Task A_long_cell_continues_below_and_no_line_is_wider_than_the_terminal(int width)
    {
        await using var server = await TestServer.StartAsync();
        var user = string.Concat(Enumerable.Range(0, 50).Select(static i => (char)('a' + (i % 26))));
        server.Plane.Sessions.AddRange([Samples.Session with { User = user }, Samples.SettingUp]);
        var run = await CliRun.Terminal(server.SocketPath, width, false, "show", "sessions", "--columns", "user,id");
        var lines = run.Out.Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.Equal(user, string.Concat(lines.Skip(1).SkipLast(2).Select(line => line.Split(' ')[0])));
    }

    private static IEnumerable<string> SessionColumnNames() =>
    [
        "ID", "NAME", "USER", "STATE", "INTERFACE", "ADDRESS", "IPV6", "PREFIXES", "UP", "LEFT", "RATE-DOWN", "RATE-UP", "OCTETS-DOWN",
        "OCTETS-UP", "MTU", "PROFILE", "CALLING", "CALLED", "CIRCUIT", "MAC",
    ];

    private static string Plain(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\u001b\\[[0-9;]*m", "");

    /// <summary>Cancels after a number of headings.</summary>
    private sealed class StoppingWriter(CancellationTokenSource stop, int headings) : StringWriter
    {
        public int Headings { get; private set; }

        public override void Write(string? value)
        {
            if (value is not null && value.StartsWith("ID", StringComparison.Ordinal) && ++Headings == headings)
                stop.Cancel();
        }
    }
}
