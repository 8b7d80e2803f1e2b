using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>What <c>top</c> knows of one moment.</summary>
internal sealed record TopSample
{
    /// <summary>Sessions that are asked for: more than a terminal has lines.</summary>
    private const int MostSessions = 200;

    public required DateTimeOffset At { get; init; }

    public required StatusView Status { get; init; }

    public required CountersView Counters { get; init; }

    public required IReadOnlyList<TunnelView> Tunnels { get; init; }

    /// <summary>The busiest of all sessions, the busiest first.</summary>
    public required IReadOnlyList<BusySessionView> Sessions { get; init; }

    /// <summary>Reads one; takes a second where nobody has asked for the busiest sessions for a minute.</summary>
    /// <param name="client">The daemon.</param>
    /// <param name="sort">Of the screen: which sessions are the busiest.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<TopSample> ReadAsync(ControlClient client, TopSort sort, CancellationToken cancellation)
    {
        var order = sort == TopSort.Octets ? "octets" : "rate";
        var busiest = await client.BusiestAsync(order, MostSessions, cancellation);
        return new TopSample
        {
            Status = await client.StatusAsync(cancellation),
            Counters = await client.CountersAsync(cancellation: cancellation),
            Tunnels = (await client.TunnelsAsync(limit: ControlRoutes.MaxPageSize, cancellation: cancellation)).Items,
            Sessions = busiest.Items,
            At = TimeProvider.System.GetUtcNow(),
        };
    }

    /// <summary>The sum of a counter's samples, of those with a label of this value if it is given.</summary>
    public decimal Sum(string name, string? label = null) => Counters.Items
        .Where(counter => counter.Name == name).SelectMany(static counter => counter.Samples)
        .Where(sample => label is null || sample.Labels?.Values.Contains(label) == true).Sum(static sample => sample.Value);

    /// <summary>Everything that was dropped, by reason, the most first.</summary>
    public IReadOnlyList<(string Reason, decimal Count)> Drops() =>
    [
        .. Counters.Items.Where(static counter => counter.Name.EndsWith("_dropped_total", StringComparison.Ordinal))
            .SelectMany(static counter => counter.Samples)
            .GroupBy(static sample => sample.Labels?.GetValueOrDefault("reason") ?? "other", StringComparer.Ordinal)
            .Select(static group => (Reason: group.Key, Count: group.Sum(static sample => sample.Value)))
            .Where(static drop => drop.Count > 0)
            .OrderByDescending(static drop => drop.Count).ThenBy(static drop => drop.Reason, StringComparer.Ordinal),
    ];
}
