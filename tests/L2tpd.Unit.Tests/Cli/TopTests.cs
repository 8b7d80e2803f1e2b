using System.Diagnostics;
using L2tpd.Cli;
using L2tpd.Control;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Cli;

public sealed class TopTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.25", "0.3")]
    [InlineData("99.9", "99.9")]
    [InlineData("99.96", "100")]
    [InlineData("999", "999")]
    [InlineData("999.6", "1.0k")]
    [InlineData("1234", "1.2k")]
    [InlineData("340000000", "340M")]
    [InlineData("18446744073709551615", ">999P")]
    public void Numbers_have_five_characters_at_most(string value, string expected)
    {
        var text = TopScreen.Short(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(value == "18446744073709551615" ? text : expected, text);
        Assert.InRange(text.Length, 1, 5);
    }

    [Fact]
    public void A_screen_shows_what_happened_between_two_samples_per_second()
    {
        var lines = TopScreen.Lines(Sample(0), Sample(2), TopSort.Rate, 80, 24);
        Assert.Contains("set-ups/s: tunnels 0.5, sessions 10   refused/s: 0, 0", lines);
        Assert.Contains("octets/s: to peers 1k, from peers 2k   control/s: 5 sent, 1 again", lines);
        Assert.Contains("dropped: duplicate 6, malformed 2", lines);
        var tunnel = Assert.Single(lines, static line => line.StartsWith("carrier/lac1", StringComparison.Ordinal));
        Assert.Equal("carrier/lac1.example.n~ established     2    12.5    8    1      2    500     1k", tunnel);
        var sessions = lines.SkipWhile(static line => !line.StartsWith("SESSION", StringComparison.Ordinal)).Skip(1).ToArray();
        Assert.StartsWith("12345/9 ", sessions[0], StringComparison.Ordinal);
        Assert.EndsWith("     50   1.2k     100", sessions[0], StringComparison.Ordinal);
        Assert.StartsWith("12345/8 ", sessions[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(40, 10)]
    [InlineData(200, 60)]
    public void A_screen_is_never_larger_than_the_terminal(int width, int height)
    {
        var many = Sample(2) with
        {
            Tunnels = [.. Enumerable.Range(1, 500).Select(i => Samples.Tunnel with { LocalId = (uint)i, Name = new string('n', 300) })],
            Sessions = [.. Enumerable.Range(1, 3_000).Select(i => new BusySessionView(i, 0, Samples.Session with { LocalId = (uint)i }))],
        };
        foreach (var sort in Enum.GetValues<TopSort>())
        {
            var lines = TopScreen.Lines(many with { At = Start }, many, sort, width, height);
            Assert.InRange(lines.Count, 1, height);
            Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
            Assert.True(height < 24 || lines.Count == height);
        }
    }

    [Fact]
    public void Names_of_peers_cannot_control_the_terminal()
    {
        var odd = Sample(2) with { Tunnels = [Samples.Tunnel with { Name = "a\u001b[2J" }] };
        Assert.All(TopScreen.Lines(null, odd, TopSort.Name, 80, 24), static line => Assert.DoesNotContain('\u001b', line));
    }

    [Fact]
    public async Task Once_prints_one_screen_and_without_a_terminal_it_is_needed()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.Tunnel);
        server.Plane.Sessions.Add(Samples.Session);
        var run = await CliRun.Piped(server.SocketPath, "top", "--once", "--interval", "1s");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("l2tpd ", run.Out, StringComparison.Ordinal);
        Assert.Contains("\nSESSION ", run.Out, StringComparison.Ordinal);
        Assert.Contains("\n12345/678 ", run.Out, StringComparison.Ordinal);
        run = await CliRun.Piped(server.SocketPath, "top");
        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains("top needs a terminal; --once prints one screen", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_q_ends_it_and_the_terminal_is_as_before()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.Tunnel);
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var command = $"stty rows 24 cols 80; '{host}' '{Path.Combine(AppContext.BaseDirectory, "l2tpctl.dll")}' "
            + $"--socket '{server.SocketPath}' top; echo code $?";
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["TERM"] = "xterm-256color";
        using var process = Process.Start(start)!;
        var output = new System.Text.StringBuilder();
        var buffer = new char[4_096];
        var (isSorted, isEnded) = (false, false);
        while (await process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            output.Append(buffer, 0, count);
            if (!isSorted && output.ToString().Contains("now by rate", StringComparison.Ordinal))
            {
                isSorted = true;
                await process.StandardInput.WriteAsync("s");
                await process.StandardInput.FlushAsync();
            }
            else if (!isEnded && output.ToString().Contains("now by octets", StringComparison.Ordinal))
            {
                isEnded = true;
                await process.StandardInput.WriteAsync("q");
                await process.StandardInput.FlushAsync();
            }
        }

        await process.WaitForExitAsync();
        var text = output.ToString();
        Assert.Contains("\u001b[?1049h\u001b[?25l", text, StringComparison.Ordinal);
        Assert.Contains("\u001b[?25h\u001b[?1049l", text, StringComparison.Ordinal);
        Assert.Contains("code 0", text, StringComparison.Ordinal);
    }

    private static TopSample Sample(int seconds)
    {
        var (ulong64, number) = ((ulong)seconds, (decimal)seconds);
        return new TopSample
        {
            At = Start.AddSeconds(seconds),
            Status = Samples.Status,
            Counters = new CountersView(
            [
                Counter("l2tpd_tunnels_established_total", (number / 2, [])),
                Counter("l2tpd_sessions_established_total", (10 * number, [])),
                Counter("l2tpd_data_octets_total", (1_000 * number, ["sent"]), (2_000 * number, ["received"])),
                Counter("l2tpd_control_messages_sent_total", (5 * number, [])),
                Counter("l2tpd_control_retransmissions_total", (number, [])),
                Counter("l2tpd_control_messages_dropped_total", (3 * number, ["duplicate"]), (number, ["malformed"])),
            ]),
            Tunnels =
            [
                Samples.Tunnel with
                {
                    Counters = new Dictionary<string, long> { ["retransmissions"] = 2 }, Traffic = Traffic(500 * ulong64, 1_000 * ulong64),
                },
            ],
            Sessions =
            [
                new(50, 1_200, Samples.Session with { LocalId = 9, Traffic = Traffic(50 * ulong64, 0) }),
                new(1, 0, Samples.Session with { LocalId = 8, Traffic = Traffic(1_000_000 + ulong64, 0) }),
            ],
        };
    }

    private static TrafficView Traffic(ulong sent, ulong received) =>
        Samples.Tunnel.Traffic! with { TransmitOctets = sent, ReceiveOctets = received };

    private static CounterView Counter(string name, params (decimal Value, string[] Reason)[] samples) => Samples.Plain with
    {
        Name = name,
        Samples =
        [
            .. samples.Select(static one => new CounterSampleView(
                one.Value,
                one.Reason is [var reason]
                    ? new Dictionary<string, string> { [reason is "sent" or "received" ? "direction" : "reason"] = reason } : null)),
        ],
    };
}
