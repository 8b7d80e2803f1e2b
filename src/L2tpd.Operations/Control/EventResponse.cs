using System.IO.Pipelines;
using L2tpd.Control;
using L2tpd.Operations.Events;
using Microsoft.AspNetCore.Http;

namespace L2tpd.Operations.Control;

/// <summary>
/// Events as server-sent events: the event's number is its id, its data is one <see cref="EventView"/>. A client that reads slowly blocks
/// only the task that serves it; its <see cref="EventReader"/> counts what it misses.
/// </summary>
internal static class EventResponse
{
    /// <summary>Serves one reader until it has read all, or leaves, or the daemon stops.</summary>
    public static Task WriteAsync(HttpContext context, EventReader reader, CancellationToken stopping) =>
        ServerSentEvents.ServeAsync(context, (output, cancellation) => WriteAllAsync(output, reader, cancellation), stopping);

    private static async Task WriteAllAsync(PipeWriter output, EventReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            if (await reader.ReadAsync(ServerSentEvents.KeepAlive, cancellation) is { } view)
                ServerSentEvents.Write(output, view.Number, view, ControlJson.Default.EventView);
            else if (reader.Follows)
                ServerSentEvents.WriteKeepAlive(output);
            else
                return;
            if (!reader.HasMore)
                await output.FlushAsync(cancellation);
        }
    }
}
