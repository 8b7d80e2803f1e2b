using System.Globalization;
using L2tpd.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Json;
using Serilog.Sinks.SystemConsole.Themes;

namespace L2tpd.Operations.Logging;

/// <summary>Builds the logger the configuration asks for. Lines are written by a thread of their own: a slow terminal must not hold up the loop.</summary>
public static class LogSetup
{
    private const int LinesInFlight = 20_000;
    private const string ForPeople = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Builds it. Dispose to flush.</summary>
    public static Logger Create(LogSettings settings)
    {
        var format = FormatOf(settings.Format, Environment.GetEnvironmentVariable("JOURNAL_STREAM"));
        return new LoggerConfiguration()
            .MinimumLevel.Is(LevelOf(settings.Level))
            .MinimumLevel.Override("Microsoft", AtLeastWarning(settings.Level))
            // What the host logs of a failed start or stop it also throws: we say it once, in our words.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .WriteTo.Async(sinks => _ = format switch
            {
                LogFormat.Journal => sinks.Sink(new JournalSink(JournalSink.DefaultSocket, Console.Out.WriteLine)),
                LogFormat.Json => sinks.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture)),
                _ => sinks.Console(
                    outputTemplate: ForPeople, formatProvider: CultureInfo.InvariantCulture,
                    theme: TerminalModes.HasColour ? AnsiConsoleTheme.Literate : ConsoleTheme.None),
            }, LinesInFlight)
            .CreateLogger();
    }

    /// <summary>The format to write: as configured; left to us, the journal's where systemd connected our output to it.</summary>
    /// <param name="configured">As configured.</param>
    /// <param name="journalStream">JOURNAL_STREAM of the environment.</param>
    public static LogFormat FormatOf(LogFormat configured, string? journalStream) => (configured, journalStream) switch
    {
        (not LogFormat.Auto, _) => configured,
        (_, { Length: > 0 }) => LogFormat.Journal,
        _ => LogFormat.Console,
    };

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
