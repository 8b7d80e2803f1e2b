namespace L2tpd.Control;

/// <summary>Counters of the daemon.</summary>
/// <param name="Items">Families, in a fixed order.</param>
public sealed record CountersView(IReadOnlyList<CounterView> Items);

/// <summary>Values that share a name and differ in their labels.</summary>
public sealed record CounterView
{
    /// <summary>By Prometheus' convention.</summary>
    public required string Name { get; init; }

    /// <summary>"counter" (only grows while the daemon runs), "gauge" or "histogram".</summary>
    public required string Kind { get; init; }

    /// <summary>What is counted.</summary>
    public required string Unit { get; init; }

    /// <summary>One sentence about it.</summary>
    public required string Help { get; init; }

    /// <summary>The values; none where nothing with these labels exists yet.</summary>
    public required IReadOnlyList<CounterSampleView> Samples { get; init; }
}

/// <summary>One value.</summary>
/// <param name="Value">In the unit of the counter; of a histogram, the number of observations.</param>
/// <param name="Labels">Name and value of each label; absent where the counter has none.</param>
public sealed record CounterSampleView(decimal Value, IReadOnlyDictionary<string, string>? Labels = null)
{
    /// <summary>A histogram's sum of observations, in the unit of the counter.</summary>
    public decimal? Sum { get; init; }

    /// <summary>A histogram's observations by size, the smallest bound first; the last one has no bound.</summary>
    public IReadOnlyList<CounterBucketView>? Buckets { get; init; }
}

/// <summary>Observations of a histogram that are not above a bound.</summary>
/// <param name="Observations">Those of smaller bounds included.</param>
/// <param name="UpTo">The bound, in the unit of the counter; absent where there is none.</param>
public sealed record CounterBucketView(long Observations, decimal? UpTo = null);
