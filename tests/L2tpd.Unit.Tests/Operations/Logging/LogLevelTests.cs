using L2tpd.Cli;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Operations.Logging;
using L2tpd.Unit.Tests.Cli;
using L2tpd.Unit.Tests.Operations.Control;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace L2tpd.Unit.Tests.Operations.Logging;

public sealed class LogLevelTests
{
    private readonly StoppedClock _clock = new();
    private readonly Lines _lines = new();

    [Fact]
    public void Without_a_change_lines_are_those_of_the_configured_level()
    {
        using var levels = new LogLevels(LogLevelChoice.Warning, _clock);
        Assert.Null(levels.Current);
        Assert.Equal(["w carrier/a"], Logged(levels));
    }

    [Fact]
    public void A_level_for_all_is_in_force_until_its_time_is_over()
    {
        using var levels = new LogLevels(LogLevelChoice.Warning, _clock);
        var view = levels.Set(LogLevelChoice.Debug, null, TimeSpan.FromMinutes(10));
        Assert.Equal(("debug", "warning", null), (view.Level, view.Configured, view.Name));
        Assert.Equal(["d carrier/a", "d other", "i bob", "w carrier/a"], Logged(levels));
        _clock.Pass(TimeSpan.FromMinutes(9));
        Assert.Equal(view, levels.Current);
        _clock.Pass(TimeSpan.FromMinutes(1));
        Assert.Null(levels.Current);
        Assert.Equal(["w carrier/a"], Logged(levels));
    }

    [Theory]
    [InlineData("carrier", "d carrier/a;w carrier/a")]
    [InlineData("carrier/a", "d carrier/a;w carrier/a")]
    [InlineData("bob", "i bob;w carrier/a")]
    [InlineData("carr", "w carrier/a")]
    public void A_level_for_a_name_is_for_lines_of_that_peer_tunnel_session_or_user(string name, string expected)
    {
        using var levels = new LogLevels(LogLevelChoice.Warning, _clock);
        levels.Set(LogLevelChoice.Debug, name, TimeSpan.FromMinutes(1));
        Assert.Equal(expected.Split(';'), Logged(levels));
    }

    [Fact]
    public void A_higher_level_for_a_name_leaves_its_lines_out()
    {
        using var levels = new LogLevels(LogLevelChoice.Information, _clock);
        levels.Set(LogLevelChoice.Error, "carrier", TimeSpan.FromMinutes(1));
        Assert.Equal(["i bob"], Logged(levels));
        Assert.Equal(new LogLevelView("information", "information"), levels.Reset());
        Assert.Equal(["i bob", "w carrier/a"], Logged(levels));
    }

    [Fact]
    public void The_timer_of_an_earlier_change_does_not_end_a_later_one()
    {
        using var levels = new LogLevels(LogLevelChoice.Warning, _clock);
        levels.Set(LogLevelChoice.Debug, null, TimeSpan.FromMinutes(1));
        levels.Set(LogLevelChoice.Trace, null, TimeSpan.FromMinutes(10));
        _clock.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("trace", levels.Current?.Level);
    }

    [Fact]
    public async Task The_command_sets_it_and_goes_back()
    {
        await using var server = await TestServer.StartAsync();
        var run = await CliRun.Piped(server.SocketPath, "log", "debug", "carrier", "--for", "5m");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^log level debug for carrier until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ, then warning\n$", run.Out);
        var current = server.Plane.Levels.Current!;
        Assert.InRange(current.Until!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        run = await CliRun.Piped(server.SocketPath, "log", "configured");
        Assert.Equal(new CliRun(0, "log level warning, as configured\n", ""), run);
        Assert.Null(server.Plane.Levels.Current);
        run = await CliRun.Piped(server.SocketPath, "log", "loud");
        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains("\"loud\" is not one of trace, debug, information, ", run.Error, StringComparison.Ordinal);
    }

    private List<string> Logged(LogLevels levels)
    {
        _lines.Clear();
        using var logger = new LoggerConfiguration().MinimumLevel.ControlledBy(levels.Switch).Filter.ByIncludingOnly(levels.Passes)
            .WriteTo.Sink(_lines).CreateLogger();
        logger.Debug("d {Session:l}", "carrier/a");
        logger.Debug("d {Tunnel:l}", "other");
        logger.Information("i {User:l}", "bob");
        logger.Warning("w {Peer:l}", "carrier/a");
        return [.. _lines];
    }

    private sealed class Lines : List<string>, ILogEventSink
    {
        public void Emit(LogEvent logEvent) => Add(logEvent.RenderMessage());
    }

    /// <summary>A clock that moves when it is told to, with one timer.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;
        private OneTimer? _timer;

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            _timer = new OneTimer(callback);

        // The callback comes at every step, as a timer that comes too early would.
        public void Pass(TimeSpan time)
        {
            _now += time;
            _timer?.Run();
        }

        private sealed class OneTimer(TimerCallback callback) : ITimer
        {
            public void Run() => callback(null);

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
