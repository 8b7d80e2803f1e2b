using System.Globalization;
using L2tpd.Daemon.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace L2tpd.Daemon.Logging;

/// <summary>Builds the logger the configuration asks for. Lines are written by a thread of their own: a slow terminal must not hold up the loop.</summary>
public static class LogSetup
{
    private const int LinesInFlight = 20_000;
    private const string ForPeople = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Builds it. Dispose to flush.</summary>
    public static Logger Create(LogSettings settings)
    {
        var format = settings.Format != LogFormat.Auto ? settings.Format
            : Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 } ? LogFormat.Journal
            : LogFormat.Console;
        return new LoggerConfiguration()
            .MinimumLevel.Is(LevelOf(settings.Level))
            .MinimumLevel.Override("Microsoft", AtLeastWarning(settings.Level))
            .WriteTo.Async(sinks => _ = format switch
            {
                LogFormat.Journal => sinks.Sink(new JournalSink(JournalSink.DefaultSocket, Console.Out.WriteLine)),
                LogFormat.Json => sinks.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture)),
                _ => sinks.Console(outputTemplate: ForPeople, formatProvider: CultureInfo.InvariantCulture),
            }, LinesInFlight)
            .CreateLogger();
    }

    /// <summary>Serilog's name of a level.</summary>
    public static LogEventLevel LevelOf(LogLevelChoice level) => level switch
    {
        LogLevelChoice.Trace => LogEventLevel.Verbose,
        LogLevelChoice.Debug => LogEventLevel.Debug,
        LogLevelChoice.Information => LogEventLevel.Information,
        LogLevelChoice.Warning => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };

    /// <summary>The framework's own chatter is for those who ask for it.</summary>
    private static LogEventLevel AtLeastWarning(LogLevelChoice level) =>
        level <= LogLevelChoice.Debug ? LevelOf(level) : (LogEventLevel)Math.Max((int)LevelOf(level), (int)LogEventLevel.Warning);
}
