using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using L2tpd.Control;
using L2tpd.Operations.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace L2tpd.Operations.Control;

/// <summary>
/// Events as server-sent events (WHATWG HTML, section 9.2): the event's number is its id, its data is one <see cref="EventView"/>. A client
/// that reads slowly blocks only the task that serves it; its <see cref="EventReader"/> counts what it misses.
/// </summary>
internal static class EventResponse
{
    /// <summary>A comment is sent after so long without an event, which finds clients that are gone.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Serves one reader until it has read all, or leaves, or the daemon stops.</summary>
    public static async Task WriteAsync(HttpContext context, EventReader reader, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            // A reader that pauses is told what it missed; it is not cut off.
            if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
                rate.MinDataRate = null;
            context.Response.ContentType = ControlRoutes.EventStreamType;
            context.Response.Headers.CacheControl = "no-cache";
            await context.Response.StartAsync(ended.Token);
            await context.Response.BodyWriter.FlushAsync(ended.Token);
            await WriteAllAsync(context.Response.BodyWriter, reader, ended.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client left, or the daemon stops.
        }
    }

    private static async Task WriteAllAsync(System.IO.Pipelines.PipeWriter output, EventReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            if (await reader.ReadAsync(KeepAlive, cancellation) is { } view)
                Write(output, view);
            else if (reader.Follows)
                output.Write(":\n\n"u8);
            else
                return;
            if (!reader.HasMore)
                await output.FlushAsync(cancellation);
        }
    }

    private static void Write(System.IO.Pipelines.PipeWriter output, EventView view)
    {
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {view.Number}\ndata: ")));
        output.Write(JsonSerializer.SerializeToUtf8Bytes(view, ControlJson.Default.EventView));
        output.Write("\n\n"u8);
    }
}
