using System.Collections.Immutable;

namespace L2tpd.Runtime.Counters;

/// <summary>Whether a value can decrease.</summary>
public enum CounterKind
{
    /// <summary>Only grows while the daemon runs. Its name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>A state at the time of reading.</summary>
    Gauge,
}

/// <summary>Values that share a name and differ in their labels, as in Prometheus' data model.</summary>
/// <param name="Name">By Prometheus' convention: <c>l2tpd_datagrams_received_total</c>.</param>
/// <param name="Unit">What is counted: <c>datagrams</c>, <c>octets</c>.</param>
/// <param name="Help">One sentence for the operator.</param>
public sealed record CounterFamily(string Name, string Unit, string Help)
{
    /// <see cref="CounterKind.Counter"/> unless the name does not end in <c>_total</c>.
    public CounterKind Kind { get; init; } = CounterKind.Counter;

    /// <summary>
    /// Names of the labels. Their values are bounded by the configuration and the code: peer profiles, reasons and directions,
    /// never tunnels, sessions, users or addresses.
    /// </summary>
    public ImmutableArray<string> Labels { get; init; } = [];
}

/// <summary>One value of a family.</summary>
/// <param name="LabelValues">In the order of <see cref="CounterFamily.Labels"/>.</param>
/// <param name="Value">The value, in the family's unit.</param>
public readonly record struct CounterSample(ImmutableArray<string> LabelValues, long Value);

/// <summary>A family and its values at one time.</summary>
/// <param name="Family">The family.</param>
/// <param name="Samples">The values; empty if nothing with these labels exists yet.</param>
public sealed record CounterReading(CounterFamily Family, IReadOnlyList<CounterSample> Samples);
