using L2tpd.Configuration;
using L2tpd.Control;
using Serilog.Core;
using Serilog.Events;

namespace L2tpd.Operations.Logging;

/// <summary>
/// The level of the log: the configured one, and for a while another one, for all lines or for those that name a peer, tunnel, session or
/// user. Any thread. It falls back by itself.
/// </summary>
public sealed class LogLevels : IDisposable
{
    /// <summary>The longest time for which a level can be set.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>The time for which a level is set if the client names none.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly LogEventLevel _configured;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private volatile Change? _change;

    /// <summary>Starts with the configured level.</summary>
    /// <param name="configured">The level of the configuration or of the command line.</param>
    /// <param name="clock">Wall clock; <c>null</c>: the system's.</param>
    public LogLevels(LogLevelChoice configured, TimeProvider? clock = null)
    {
        _configured = LogSetup.LevelOf(configured);
        _clock = clock ?? TimeProvider.System;
        Switch = new LoggingLevelSwitch(_configured);
        _timer = _clock.CreateTimer(_ => FallBack(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Lines below it are not made at all.</summary>
    internal LoggingLevelSwitch Switch { get; }

    /// <summary>What is set for a while; <c>null</c>: the configured level is in force.</summary>
    public LogLevelView? Current => _change is { } change ? View(change) : null;

    /// <summary>Sets a level for a while, in place of one that was set before.</summary>
    /// <param name="level">The level.</param>
    /// <param name="name">Only lines that name this peer, tunnel, session or user; <c>null</c>: all.</param>
    /// <param name="duration">Up to <see cref="Longest"/>.</param>
    public LogLevelView Set(LogLevelChoice level, string? name, TimeSpan duration)
    {
        lock (_lock)
        {
            var change = new Change(LogSetup.LevelOf(level), name, _clock.GetUtcNow() + duration);
            _change = change;
            // With a name, other lines are still wanted from the configured level on.
            Switch.MinimumLevel = name is null || change.Level < _configured ? change.Level : _configured;
            _timer.Change(duration, Timeout.InfiniteTimeSpan);
            return View(change);
        }
    }

    /// <summary>Goes back to the configured level.</summary>
    public LogLevelView Reset()
    {
        lock (_lock)
        {
            _change = null;
            Switch.MinimumLevel = _configured;
            return new LogLevelView(WordOf(_configured), WordOf(_configured));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Whether a line of at least the level of <see cref="Switch"/> is wanted. On the thread that logs.</summary>
    internal bool Passes(LogEvent line)
    {
        if (_change is not { Name: { } name } change)
            return true;
        return line.Level >= (Names(line, name) ? change.Level : _configured);
    }

    // A timer of an earlier change can come late: only a change whose time is over ends.
    private void FallBack()
    {
        lock (_lock)
        {
            if (_change is { } change && _clock.GetUtcNow() >= change.Until)
                Reset();
        }
    }

    /// <summary>A session's name begins with that of its tunnel, and a tunnel's with that of its profile.</summary>
    private static bool Names(LogEvent line, string name)
    {
        foreach (var (_, value) in line.Properties)
        {
            if (value is ScalarValue { Value: string text } && text.StartsWith(name, StringComparison.Ordinal)
                && (text.Length == name.Length || text[name.Length] == '/'))
            {
                return true;
            }
        }

        return false;
    }

    private LogLevelView View(Change change) => new(WordOf(change.Level), WordOf(_configured), change.Name, change.Until);

    private static string WordOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "information",
        LogEventLevel.Warning => "warning",
        _ => "error",
    };

    private sealed record Change(LogEventLevel Level, string? Name, DateTimeOffset Until);
}
