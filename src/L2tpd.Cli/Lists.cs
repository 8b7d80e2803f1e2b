using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>The <c>show</c> commands that print lists, page by page.</summary>
internal sealed class Lists(ControlClient client, Screen screen, bool json)
{
    private readonly KnownNames _names = new(client);

    public Task TunnelsAsync(string? name, int? limit, CancellationToken cancellation) => ListAsync(
        Checked(name, KnownNames.Kinds.Tunnel | KnownNames.Kinds.Peer, cancellation),
        ControlClient.WalkAsync((after, count, c) => client.TunnelsAsync(name, after, count, c), limit, cancellation),
        ControlJson.Default.TunnelView,
        [new("NAME"), new("ID", true), new("REMOTE"), new("STATE"), new("SESSIONS", true), new("UP", true)],
        static t =>
        [
            DisplayText.Clean(t.Name), DisplayText.Number(t.LocalId), DisplayText.OrDash(t.Remote), DisplayText.Clean(t.State),
            DisplayText.Number(t.Sessions), DisplayText.Duration(t.UpSeconds),
        ]);

    public Task RoutesAsync(string? name, int? limit, CancellationToken cancellation) => ListAsync(
        Checked(name, KnownNames.Kinds.Session | KnownNames.Kinds.Tunnel | KnownNames.Kinds.Peer, cancellation),
        ControlClient.WalkAsync((after, count, c) => client.RoutesAsync(name, after, count, c), limit, cancellation),
        ControlJson.Default.RouteView,
        [new("DESTINATION"), new("METRIC", true), new("SESSION"), new("USER"), new("STATE"), new("PROBLEM")],
        static r =>
        [
            DisplayText.Clean(r.Destination), DisplayText.Number(r.Metric), DisplayText.Clean(r.Session), DisplayText.OrDash(r.User),
            DisplayText.Clean(r.State), DisplayText.OrDash(r.Problem),
        ]);

    public Task PeersAsync(string? name, int? limit, CancellationToken cancellation) => ListAsync(
        Checked(name, KnownNames.Kinds.Peer, cancellation),
        ControlClient.WalkAsync((after, count, c) => client.PeersAsync(name, after, count, c), limit, cancellation),
        ControlJson.Default.PeerView,
        [
            new("NAME"), new("FROM"), new("TUNNELS", true), new("HALF-OPEN", true), new("SESSIONS", true), new("SENT", true),
            new("RECEIVED", true), new("RESENT", true),
        ],
        static p =>
        [
            DisplayText.Clean(p.Name), FromOf(p), DisplayText.Number(p.Tunnels), DisplayText.Number(p.HalfOpenTunnels),
            DisplayText.Number(p.Sessions), Counter(p, "messagesSent"), Counter(p, "messagesReceived"), Counter(p, "retransmissions"),
        ]);

    /// <summary>The latest entries, the oldest first, so that the latest is next to the prompt.</summary>
    public async Task HistoryAsync(string? name, int limit, CancellationToken cancellation)
    {
        var entries = new List<HistoryEntryView>();
        var pages = ControlClient.WalkAsync((after, count, c) => client.HistoryAsync(name, after, count, c), limit, cancellation);
        await foreach (var page in pages)
            entries.AddRange(page);
        if (entries.Count == 0)
            await Checked(name, KnownNames.Kinds.Session | KnownNames.Kinds.Tunnel | KnownNames.Kinds.Peer, cancellation)();
        entries.Reverse();
        Print(entries);
    }

    private void Print(List<HistoryEntryView> entries)
    {
        if (json)
        {
            var writer = new JsonArrayWriter<HistoryEntryView>(screen.Out, ControlJson.Default.HistoryEntryView);
            writer.Write(entries);
            writer.End();
            return;
        }

        foreach (var entry in entries)
            screen.Out.Write($"{HistoryLine(entry)}\n    {DisplayText.Clean(entry.Reason)}\n{SessionsLine(entry)}");
    }

    /// <summary>Below the entry of a tunnel that ended with many sessions: how many were up, and the names of some.</summary>
    private static string SessionsLine(HistoryEntryView entry)
    {
        if (entry.SessionSample is not { Count: > 0 } sample || entry.Sessions is not { } sessions)
            return "";
        var names = string.Join(", ", sample.Select(static name => DisplayText.Clean(name)));
        var command = $"l2tpctl show history {DisplayText.Clean(entry.Name)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"    sessions: {entry.SessionsUp ?? 0} of {sessions} up: {names}, ... (all that are kept: {command})\n");
    }

    private static string HistoryLine(HistoryEntryView entry)
    {
        var remote = entry.Remote is null || entry.Remote == entry.Name ? "" : $"  {DisplayText.Clean(entry.Remote)}";
        var id = entry.Kind == "session-refused" && entry.PeerId is { } peer
            ? string.Create(CultureInfo.InvariantCulture, $"  peer's session id {peer}")
            : "";
        var host = entry.HostName is null ? "" : $"  {DisplayText.Clean(entry.HostName)}";
        var up = entry.Kind == "authentication-failed" || entry.Kind.EndsWith("-refused", StringComparison.Ordinal)
            ? ""
            : entry.UpSeconds is null ? "  never established" : $"  up {DisplayText.Duration(entry.UpSeconds)}";
        var sessions = entry.Sessions is > 0 ? string.Create(CultureInfo.InvariantCulture, $"  with {entry.Sessions} sessions") : "";
        var head = $"{DisplayText.Time(entry.At)}  {DisplayText.Clean(entry.Kind)}  {DisplayText.Clean(entry.Name)}";
        return $"{head}{remote}{host}{id}{up}{sessions}";
    }

    // Called only when a list is empty: an unknown name is an error, an empty list of a known name is an answer.
    private Func<Task> Checked(string? name, KnownNames.Kinds kinds, CancellationToken cancellation) =>
        () => name is null ? Task.CompletedTask : _names.ThrowIfUnknownAsync(name, kinds, cancellation);

    private static async IAsyncEnumerable<IReadOnlyList<T>> WithCheck<T>(IAsyncEnumerable<IReadOnlyList<T>> pages, Func<Task> whenEmpty)
    {
        var isFirst = true;
        await foreach (var page in pages)
        {
            if (isFirst && page.Count == 0)
                await whenEmpty();
            isFirst = false;
            yield return page;
        }
    }

    private async Task ListAsync<T>(
        Func<Task> whenEmpty,
        IAsyncEnumerable<IReadOnlyList<T>> all,
        JsonTypeInfo<T> type,
        TableColumn[] columns,
        Converter<T, string[]> row)
    {
        var pages = WithCheck(all, whenEmpty);
        if (json)
        {
            var array = new JsonArrayWriter<T>(screen.Out, type);
            await foreach (var page in pages)
                array.Write(page);
            array.End();
            return;
        }

        var table = TableWriter.For(screen, columns);
        await foreach (var page in pages)
            table.Write([.. page.Select(item => row(item))]);
    }

    private static string Counter(PeerView peer, string name) => DisplayText.Number(peer.Counters.GetValueOrDefault(name));

    private static string FromOf(PeerView peer) => peer.Prefixes.Count switch
    {
        0 => peer.HostNamePattern is { } pattern ? DisplayText.Clean(pattern) : "any",
        1 => DisplayText.Clean(peer.Prefixes[0]),
        var count => string.Create(CultureInfo.InvariantCulture, $"{DisplayText.Clean(peer.Prefixes[0])} +{count - 1}"),
    };
}
