using System.Collections.Immutable;

namespace L2tpd.Engine;

/// <summary>
/// Observations by size: a few comparisons and an addition each, no allocation. Written and read by one thread.
/// </summary>
/// <param name="bounds">Ascending; an observation belongs to the first bound that is not below it.</param>
public sealed class Histogram(ImmutableArray<long> bounds)
{
    private readonly long[] _buckets = new long[bounds.Length + 1];

    /// <summary>From 100 microseconds to 10 seconds, in microseconds: for times on this machine.</summary>
    public static ImmutableArray<long> Microseconds { get; } =
        [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000];

    /// <summary>From 1 ms to 30 s, in milliseconds: the engine's clock, and retransmissions after 1, 3, 7 and 15 s.</summary>
    public static ImmutableArray<long> Milliseconds { get; } =
        [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

    /// <summary>The bounds, ascending.</summary>
    public ImmutableArray<long> Bounds => bounds;

    /// <summary>Observations by bucket, one more than bounds, not cumulative.</summary>
    public ReadOnlySpan<long> Buckets => _buckets;

    /// <summary>Number of observations.</summary>
    public long Count { get; private set; }

    /// <summary>Sum of the observations; stays at <see cref="long.MaxValue"/> when it would be larger.</summary>
    public long Sum { get; private set; }

    /// <summary>Takes one observation; a negative one counts as 0.</summary>
    public void Observe(long value)
    {
        value = Math.Max(value, 0);
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;
        _buckets[bucket]++;
        Count++;
        Sum = Sum > long.MaxValue - value ? long.MaxValue : Sum + value;
    }
}
