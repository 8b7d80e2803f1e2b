using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Operations.Logging;
using Microsoft.AspNetCore.Http;

namespace L2tpd.Operations.Control;

/// <summary>Reads the query that sets the level of the log.</summary>
internal static class LogQuery
{
    /// <returns>The level, <c>null</c> for the configured one; and for how long.</returns>
    /// <exception cref="ControlRequestException">A value is missing or wrong.</exception>
    public static (LogLevelChoice? Level, TimeSpan Duration) Of(HttpRequest request)
    {
        var word = request.Query[ControlRoutes.LevelKey].ToString();
        if (!ControlRoutes.LogLevels.Contains(word))
            throw new ControlRequestException($"{ControlRoutes.LevelKey} must be one of {string.Join(", ", ControlRoutes.LogLevels)}");
        var seconds = TraceQuery.NumberOf(
            request, ControlRoutes.ForKey, (int)LogLevels.Default.TotalSeconds, (int)LogLevels.Longest.TotalSeconds);
        LogLevelChoice? level = word switch
        {
            "trace" => LogLevelChoice.Trace,
            "debug" => LogLevelChoice.Debug,
            "information" => LogLevelChoice.Information,
            "warning" => LogLevelChoice.Warning,
            "error" => LogLevelChoice.Error,
            _ => null,
        };
        return (level, TimeSpan.FromSeconds(seconds));
    }
}
