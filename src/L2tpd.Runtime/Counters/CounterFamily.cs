using System.Collections.Immutable;

namespace L2tpd.Runtime.Counters;

/// <summary>How a value behaves over time.</summary>
public enum CounterKind
{
    /// <summary>Only grows while the daemon runs. Its name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>A state at the time of reading.</summary>
    Gauge,

    /// <summary>How many observations since the start were at most as large as each of some bounds, and their sum.</summary>
    Histogram,
}

/// <summary>Values that share a name and differ in their labels, as in Prometheus' data model.</summary>
/// <param name="Name">By Prometheus' convention: <c>l2tpd_datagrams_received_total</c>.</param>
/// <param name="Unit">What is counted: <c>datagrams</c>, <c>octets</c>, <c>seconds</c>.</param>
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

    /// <summary>Values of the last label, if the code fixes them; for the document of metrics.</summary>
    public ImmutableArray<string> LastLabelValues { get; init; } = [];

    /// <summary>
    /// How many digits of each value are behind the decimal point, 0 to 9: with 6, the value 1500000 is 1.5 units. The code that counts
    /// needs no floating point, and the value is exact.
    /// </summary>
    public int Decimals { get; init; }

    /// <summary>
    /// A histogram's bounds, ascending, as values (see <see cref="Decimals"/>). The last bucket, without a bound, is not among them.
    /// </summary>
    public ImmutableArray<long> Bounds { get; init; } = [];
}

/// <summary>One value of a family.</summary>
/// <param name="LabelValues">In the order of <see cref="CounterFamily.Labels"/>.</param>
/// <param name="Value">The value, in the family's unit and decimals; of a histogram, the number of observations.</param>
public readonly record struct CounterSample(ImmutableArray<string> LabelValues, long Value)
{
    /// <summary>A histogram's observations by bucket, one more than bounds, not cumulative; otherwise empty.</summary>
    public ImmutableArray<long> Buckets { get; init; } = [];

    /// <summary>A histogram's sum of observations, in the family's unit and decimals.</summary>
    public long Sum { get; init; }
}

/// <summary>A family and its values at one time.</summary>
/// <param name="Family">The family.</param>
/// <param name="Samples">The values; empty if nothing with these labels exists yet.</param>
public sealed record CounterReading(CounterFamily Family, IReadOnlyList<CounterSample> Samples);
