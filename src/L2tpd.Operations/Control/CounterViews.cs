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
        Kind = reading.Family.Kind == CounterKind.Counter ? "counter" : "gauge",
        Unit = reading.Family.Unit,
        Help = reading.Family.Help,
        Samples = [.. reading.Samples.Select(sample => new CounterSampleView(sample.Value, LabelsOf(reading.Family, sample)))],
    };

    private static Dictionary<string, string>? LabelsOf(CounterFamily family, CounterSample sample)
    {
        if (family.Labels.IsEmpty)
            return null;
        var labels = new Dictionary<string, string>(family.Labels.Length, StringComparer.Ordinal);
        for (var i = 0; i < family.Labels.Length; i++)
            labels.Add(family.Labels[i], sample.LabelValues[i]);
        return labels;
    }
}
