using System.Globalization;
using L2tpd.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Json;
using Serilog.Sinks.SystemConsole.Themes;

namespace L2tpd.Operations.Logging;

/// <summary>Builds the configured logger. A thread of its own writes the lines, so that a slow terminal does not delay the loop.</summary>
public static class LogSetup
{
    private const int LinesInFlight = 20_000;
    private const string ConsoleTemplate = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Builds the logger; disposing it flushes.</summary>
    /// <param name="settings">As configured.</param>
    /// <param name="levels">The level in force.</param>
    public static Logger Create(LogSettings settings, LogLevels levels)
    {
        var format = FormatOf(settings.Format, Environment.GetEnvironmentVariable("JOURNAL_STREAM"));
        return new LoggerConfiguration()
            .MinimumLevel.ControlledBy(levels.Switch)
            .Filter.ByIncludingOnly(levels.Passes)
            .MinimumLevel.Override("Microsoft", AtLeastWarning(settings.Level))
            // The host throws what it logs of a failed start or stop; the daemon logs it once.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .WriteTo.Async(sinks => _ = format switch
            {
                LogFormat.Journal => sinks.Sink(new JournalSink(JournalSink.DefaultSocket, Console.Out.WriteLine)),
                LogFormat.Json => sinks.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture)),
                _ => sinks.Console(
                    outputTemplate: ConsoleTemplate, formatProvider: CultureInfo.InvariantCulture,
                    theme: TerminalModes.HasColour ? AnsiConsoleTheme.Literate : ConsoleTheme.None),
            }, LinesInFlight)
            .CreateLogger();
    }

    /// <summary>The configured format; for <c>auto</c> the journal's if systemd connected standard output to it.</summary>
    /// <param name="configured">As configured.</param>
    /// <param name="journalStream">JOURNAL_STREAM of the environment.</param>
    public static LogFormat FormatOf(LogFormat configured, string? journalStream) => (configured, journalStream) switch
    {
        (not LogFormat.Auto, _) => configured,
        (_, { Length: > 0 }) => LogFormat.Journal,
        _ => LogFormat.Console,
    };

    public static LogEventLevel LevelOf(LogLevelChoice level) => level switch
    {
        LogLevelChoice.Trace => LogEventLevel.Verbose,
        LogLevelChoice.Debug => LogEventLevel.Debug,
        LogLevelChoice.Information => LogEventLevel.Information,
        LogLevelChoice.Warning => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };

    /// <summary>The framework's own lines, below warnings only with level debug or trace.</summary>
    private static LogEventLevel AtLeastWarning(LogLevelChoice level) =>
        level <= LogLevelChoice.Debug ? LevelOf(level) : (LogEventLevel)Math.Max((int)LevelOf(level), (int)LogEventLevel.Warning);
}
