using L2tpd.Control;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>Readings of the registry to views. Any thread.</summary>
public static class CounterViews
{
    /// <summary>The view of a reading.</summary>
    public static CountersView From(IReadOnlyList<CounterReading> readings) => new([.. readings.Select(From)]);

    private static CounterView From(CounterReading reading) => new()
    {
        Name = reading.Family.Name,
        Kind = KindOf(reading.Family.Kind),
        Unit = reading.Family.Unit,
        Help = reading.Family.Help,
        Samples = [.. reading.Samples.Select(sample => From(reading.Family, sample))],
    };

    /// <summary>The word for a kind, which Prometheus' text has too.</summary>
    public static string KindOf(CounterKind kind) => kind switch
    {
        CounterKind.Counter => "counter",
        CounterKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static CounterSampleView From(CounterFamily family, CounterSample sample) =>
        family.Kind != CounterKind.Histogram
            ? new CounterSampleView(Scaled(family, sample.Value), LabelsOf(family, sample))
            : new CounterSampleView(sample.Value, LabelsOf(family, sample))
            {
                Sum = Scaled(family, sample.Sum),
                Buckets = BucketsOf(family, sample),
            };

    private static List<CounterBucketView> BucketsOf(CounterFamily family, CounterSample sample)
    {
        var buckets = new List<CounterBucketView>(sample.Buckets.Length);
        var observations = 0L;
        for (var i = 0; i < sample.Buckets.Length; i++)
        {
            observations += sample.Buckets[i];
            buckets.Add(new CounterBucketView(observations, i < family.Bounds.Length ? Scaled(family, family.Bounds[i]) : null));
        }

        return buckets;
    }

    /// <summary>A value with the family's decimals, without zeros at its end.</summary>
    private static decimal Scaled(CounterFamily family, long value)
    {
        var digits = family.Decimals;
        while (digits > 0 && value % 10 == 0)
            (digits, value) = (digits - 1, value / 10);
        return digits == 0 ? value : value / PowerOfTen(digits);
    }

    private static decimal PowerOfTen(int digits)
    {
        var power = 1m;
        for (var i = 0; i < digits; i++)
            power *= 10;
        return power;
    }

    private static Dictionary<string, string>? LabelsOf(CounterFamily family, in CounterSample sample)
    {
        if (family.Labels.IsEmpty)
            return null;
        var labels = new Dictionary<string, string>(family.Labels.Length, StringComparer.Ordinal);
        for (var i = 0; i < family.Labels.Length; i++)
            labels.Add(family.Labels[i], sample.LabelValues[i]);
        return labels;
    }
}
