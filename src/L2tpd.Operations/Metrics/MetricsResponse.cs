using L2tpd.Runtime.Counters;
using Microsoft.AspNetCore.Http;

namespace L2tpd.Operations.Metrics;

/// <summary>Readings as an answer to a scrape; the text is written into the connection's own buffers.</summary>
internal static class MetricsResponse
{
    /// <summary>Writes the answer.</summary>
    public static async Task WriteAsync(HttpContext context, IReadOnlyList<CounterReading> readings)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = PrometheusText.ContentType;
        PrometheusText.Write(context.Response.BodyWriter, readings);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
