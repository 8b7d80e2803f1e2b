using System.Globalization;
using L2tpd.Control;
using L2tpd.Operations.Tracing;
using Microsoft.AspNetCore.Http;

namespace L2tpd.Operations.Control;

/// <summary>Reads the query of a trace.</summary>
internal static class TraceQuery
{
    /// <exception cref="ControlRequestException">A value is missing or wrong.</exception>
    public static TraceRequest Of(HttpRequest request, string? name)
    {
        var seconds = NumberOf(
            request, ControlRoutes.ForKey, (int)TraceRequest.DefaultFor.TotalSeconds, (int)TraceRequest.LongestFor.TotalSeconds);
        return new TraceRequest(
            name ?? throw new ControlRequestException($"the query must have {ControlRoutes.NameKey}="),
            TimeSpan.FromSeconds(seconds),
            NumberOf(request, ControlRoutes.CountKey, TraceRequest.DefaultCount, TraceRequest.LargestCount));
    }

    internal static int NumberOf(HttpRequest request, string key, int byDefault, int most)
    {
        if (request.Query[key] is not { Count: > 0 } values)
            return byDefault;
        return int.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most
            ? number
            : throw new ControlRequestException(string.Create(CultureInfo.InvariantCulture, $"{key} must be a number from 1 to {most}"));
    }
}
