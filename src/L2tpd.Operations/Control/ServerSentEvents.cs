using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using L2tpd.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace L2tpd.Operations.Control;

/// <summary>An answer that stays open (server-sent events, WHATWG HTML section 9.2).</summary>
internal static class ServerSentEvents
{
    /// <summary>A comment is sent after so long without an event, which finds clients that are gone.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Serves one client until <paramref name="write"/> ends, the client leaves or the daemon stops.</summary>
    public static async Task ServeAsync(HttpContext context, Func<PipeWriter, CancellationToken, Task> write, CancellationToken stopping)
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
            await write(context.Response.BodyWriter, ended.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client left, or the daemon stops.
        }
    }

    /// <summary>Writes one event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="id">Its number; <c>null</c>: it has none.</param>
    /// <param name="view">Its content.</param>
    /// <param name="type">How to write it.</param>
    public static void Write<T>(PipeWriter output, long? id, T view, JsonTypeInfo<T> type)
    {
        if (id is { } number)
            output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {number}\n")));
        output.Write("data: "u8);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(view, type));
        output.Write("\n\n"u8);
    }

    /// <summary>Writes a comment.</summary>
    public static void WriteKeepAlive(PipeWriter output) => output.Write(":\n\n"u8);
}
