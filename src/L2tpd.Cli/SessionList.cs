using System.Collections.Immutable;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>What of <c>show sessions</c> is asked for.</summary>
internal sealed record SessionListing(string? Name, SessionSelector Selector, int? Limit)
{
    public ImmutableArray<SessionColumn> Columns { get; init; } = SessionColumns.Default;

    /// <summary>By what the rows are sorted; <c>null</c>: by id, as they come.</summary>
    public SessionColumn? Sort { get; init; }

    public bool Descending { get; init; }
}

/// <summary><c>show sessions</c>: the daemon selects, this program sorts and prints.</summary>
internal sealed class SessionList(ControlClient client, Screen screen, bool json)
{
    /// <summary>Prints the list once.</summary>
    public async Task PrintAsync(SessionListing listing, CancellationToken cancellation)
    {
        var table = json ? null : TableWriter.For(screen, [.. listing.Columns.Select(static column => column.Heading)]);
        var array = json ? new JsonArrayWriter<SessionView>(screen.Out, ControlJson.Default.SessionView) : null;
        var isEmpty = true;
        await foreach (var page in PagesAsync(listing, cancellation))
        {
            if (isEmpty && page.Count == 0)
                await ThrowIfUnknownAsync(listing, cancellation);
            isEmpty = false;
            array?.Write(page);
            table?.Write([.. page.Select(session => (string[])[.. listing.Columns.Select(column => column.Text(session))])]);
        }

        array?.End();
    }

    /// <summary>Prints the list again and again, on a terminal in the same place, until it is cancelled.</summary>
    public async Task WatchAsync(SessionListing listing, TimeSpan interval, CancellationToken cancellation)
    {
        const string Home = "\u001b[H\u001b[2J\u001b[3J";
        try
        {
            while (true)
            {
                if (screen is { IsTerminal: true, Colour: true })
                    await screen.Out.WriteAsync(Home);
                await PrintAsync(listing, cancellation);
                await screen.Out.WriteAsync(screen.IsTerminal ? "" : "\n");
                await screen.Out.FlushAsync(cancellation);
                await Task.Delay(interval, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how it ends.
        }
    }

    private IAsyncEnumerable<IReadOnlyList<SessionView>> PagesAsync(SessionListing listing, CancellationToken cancellation)
    {
        var pages = ControlClient.WalkAsync(
            (after, count, c) => client.SessionsAsync(listing.Selector, listing.Name, after, count, c),
            listing.Sort is null ? listing.Limit : null, cancellation);
        return listing.Sort is null ? pages : SortedAsync(pages, listing);
    }

    // All of them must be there before the first row is known.
    private static async IAsyncEnumerable<IReadOnlyList<SessionView>> SortedAsync(
        IAsyncEnumerable<IReadOnlyList<SessionView>> pages, SessionListing listing)
    {
        var all = new List<SessionView>();
        await foreach (var page in pages)
            all.AddRange(page);
        var order = Comparer<SessionView>.Create(listing.Sort!.Compare);
        var sorted = listing.Descending ? all.OrderDescending(order) : all.Order(order);
        yield return [.. sorted.Take(listing.Limit ?? int.MaxValue)];
    }

    // An unknown name is an error, an empty list of a known name is an answer.
    private Task ThrowIfUnknownAsync(SessionListing listing, CancellationToken cancellation) => listing.Name is not { } name
        ? Task.CompletedTask
        : new KnownNames(client).ThrowIfUnknownAsync(
            name, KnownNames.Kinds.Session | KnownNames.Kinds.Tunnel | KnownNames.Kinds.Peer, cancellation);
}
