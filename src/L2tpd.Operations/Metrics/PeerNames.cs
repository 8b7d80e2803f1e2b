using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Metrics;

/// <summary>
/// Bounds the number of time series that a monitoring system has to keep: the first peer profiles that are seen keep their names as values
/// of the label <c>peer</c>, the values of all further ones are added up under <see cref="Other"/>. A name that was given stays, so that a
/// counter never decreases. Thread-safe.
/// </summary>
/// <param name="most">Profiles with a name of their own.</param>
public sealed class PeerNames(int most = PeerNames.Default)
{
    /// <summary>The value of <c>peer</c> for all profiles without a name of their own.</summary>
    public const string Other = "other";

    /// <summary>About 40 time series belong to one profile: 4,000 altogether.</summary>
    public const int Default = 100;

    private const string Label = "peer";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>The readings with at most <c>most</c> + 1 values of the label <c>peer</c>.</summary>
    public IReadOnlyList<CounterReading> Bound(IReadOnlyList<CounterReading> readings)
    {
        var bounded = new List<CounterReading>(readings.Count);
        lock (_lock)
        {
            foreach (var reading in readings)
                bounded.Add(reading.Family.Labels.IndexOf(Label) is var place and >= 0 ? Bound(reading, place) : reading);
        }

        return bounded;
    }

    private CounterReading Bound(CounterReading reading, int place)
    {
        if (reading.Samples.All(sample => IsNamed(sample.LabelValues[place])))
            return reading;
        var named = new List<CounterSample>();
        var others = new Dictionary<string, CounterSample>(StringComparer.Ordinal);
        foreach (var sample in reading.Samples)
        {
            if (IsNamed(sample.LabelValues[place]))
            {
                named.Add(sample);
                continue;
            }

            var labels = sample.LabelValues.SetItem(place, Other);
            var key = string.Join('\n', labels);
            others[key] = others.TryGetValue(key, out var sum) ? Sum(sum, sample) : sample with { LabelValues = labels };
        }

        named.AddRange(others.Values);
        return reading with { Samples = named };
    }

    // A profile that is itself called "other" shares the sum.
    private bool IsNamed(string peer) => peer != Other && (_names.Contains(peer) || (_names.Count < most && _names.Add(peer)));

    private static CounterSample Sum(in CounterSample one, in CounterSample other) => one with
    {
        Value = one.Value + other.Value,
        Sum = one.Sum + other.Sum,
        Buckets = [.. one.Buckets.Zip(other.Buckets, static (left, right) => left + right)],
    };
}
