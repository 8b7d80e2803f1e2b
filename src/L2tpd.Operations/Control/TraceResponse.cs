using System.IO.Pipelines;
using L2tpd.Control;
using L2tpd.Linux;
using L2tpd.Operations.Tracing;
using Microsoft.AspNetCore.Http;

namespace L2tpd.Operations.Control;

/// <summary>
/// A trace as server-sent events, one <see cref="TraceView"/> each. Decoding and the removal of secrets happen here, on the task that
/// serves the client, and not on the loop.
/// </summary>
internal static class TraceResponse
{
    /// <summary>Serves one trace until its time or count is over, or the client leaves, or the daemon stops.</summary>
    public static Task WriteAsync(HttpContext context, TraceReader reader, CancellationToken stopping) =>
        ServerSentEvents.ServeAsync(context, (output, cancellation) => WriteAllAsync(output, reader, cancellation), stopping);

    private static async Task WriteAllAsync(PipeWriter output, TraceReader reader, CancellationToken cancellation)
    {
        Write(output, TraceViews.Start(reader));
        await output.FlushAsync(cancellation);
        var end = MonotonicClock.NowMilliseconds + (long)reader.Request.For.TotalMilliseconds;
        var shown = 0L;
        while (shown < reader.Request.Count)
        {
            var left = TimeSpan.FromMilliseconds(end - MonotonicClock.NowMilliseconds);
            if (left <= TimeSpan.Zero)
                break;
            if (await reader.ReadAsync(left < ServerSentEvents.KeepAlive ? left : ServerSentEvents.KeepAlive, cancellation) is { } record)
            {
                Write(output, TraceViews.From(record));
                shown++;
            }
            else
            {
                ServerSentEvents.WriteKeepAlive(output);
            }

            if (!reader.HasMore)
                await output.FlushAsync(cancellation);
        }

        Write(output, TraceViews.End(shown, reader.Missed, shown >= reader.Request.Count));
        await output.FlushAsync(cancellation);
    }

    private static void Write(PipeWriter output, TraceView view) =>
        ServerSentEvents.Write(output, null, view, ControlJson.Default.TraceView);
}
