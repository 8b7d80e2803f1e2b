namespace L2tpd.Control;

/// <summary>Counters of the daemon.</summary>
/// <param name="Items">Families, in a fixed order.</param>
public sealed record CountersView(IReadOnlyList<CounterView> Items);

/// <summary>Values that share a name and differ in their labels.</summary>
public sealed record CounterView
{
    /// <summary>By Prometheus' convention.</summary>
    public required string Name { get; init; }

    /// <summary>"counter" (only grows while the daemon runs) or "gauge".</summary>
    public required string Kind { get; init; }

    /// <summary>What is counted.</summary>
    public required string Unit { get; init; }

    /// <summary>One sentence about it.</summary>
    public required string Help { get; init; }

    /// <summary>The values; none where nothing with these labels exists yet.</summary>
    public required IReadOnlyList<CounterSampleView> Samples { get; init; }
}

/// <summary>One value.</summary>
/// <param name="Value">In the unit of the counter.</param>
/// <param name="Labels">Name and value of each label; absent where the counter has none.</param>
public sealed record CounterSampleView(long Value, IReadOnlyDictionary<string, string>? Labels = null);
