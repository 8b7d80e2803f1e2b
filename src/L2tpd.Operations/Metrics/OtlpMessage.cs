using System.Collections.Immutable;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Metrics;

/// <summary>
/// Readings as an ExportMetricsServiceRequest (opentelemetry/proto/metrics/v1/metrics.proto, version 1). Names are those of
/// <c>/metrics</c>. Values with decimals become floating point.
/// </summary>
internal static class OtlpMessage
{
    private const ulong Cumulative = 2;

    /// <summary>Writes one request.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="readings">The values.</param>
    /// <param name="resource">Attributes of the resource.</param>
    /// <param name="version">The daemon's version.</param>
    /// <param name="start">When the daemon started to count.</param>
    /// <param name="now">When the values were read.</param>
    public static void Write(
        ProtobufBuffer buffer, IReadOnlyList<CounterReading> readings, ImmutableArray<KeyValuePair<string, string>> resource,
        string version, DateTimeOffset start, DateTimeOffset now)
    {
        var times = (Start: Nanoseconds(start), Now: Nanoseconds(now));
        var resourceMetrics = buffer.Begin(1);
        var attributes = buffer.Begin(1);
        foreach (var (key, value) in resource)
            WriteAttribute(buffer, 1, key, value);
        buffer.End(attributes);
        var scopeMetrics = buffer.Begin(2);
        var scope = buffer.Begin(1);
        buffer.Text(1, "l2tpd");
        buffer.Text(2, version);
        buffer.End(scope);
        foreach (var reading in readings)
        {
            // A metric without a value is left out: OTLP has no declarations.
            if (reading.Samples.Count > 0)
                WriteMetric(buffer, reading, times);
        }

        buffer.End(scopeMetrics);
        buffer.End(resourceMetrics);
    }

    private static void WriteMetric(ProtobufBuffer buffer, CounterReading reading, (long Start, long Now) times)
    {
        var family = reading.Family;
        var metric = buffer.Begin(2);
        buffer.Text(1, family.Name);
        buffer.Text(2, family.Help);
        buffer.Text(3, UnitOf(family));
        var data = buffer.Begin(family.Kind switch { CounterKind.Counter => 7, CounterKind.Histogram => 9, _ => 5 });
        foreach (var sample in reading.Samples)
        {
            var point = buffer.Begin(1);
            if (family.Kind != CounterKind.Gauge)
                buffer.Fixed64(2, times.Start);
            buffer.Fixed64(3, times.Now);
            if (family.Kind == CounterKind.Histogram)
                WriteHistogram(buffer, family, sample);
            else if (family.Decimals == 0)
                buffer.Fixed64(6, sample.Value);
            else
                buffer.Double(4, Scaled(family, sample.Value));
            for (var i = 0; i < family.Labels.Length; i++)
                WriteAttribute(buffer, family.Kind == CounterKind.Histogram ? 9 : 7, family.Labels[i], sample.LabelValues[i]);
            buffer.End(point);
        }

        if (family.Kind != CounterKind.Gauge)
            buffer.Number(2, Cumulative);
        if (family.Kind == CounterKind.Counter)
            buffer.Number(3, 1);
        buffer.End(data);
        buffer.End(metric);
    }

    private static void WriteHistogram(ProtobufBuffer buffer, CounterFamily family, in CounterSample sample)
    {
        buffer.Fixed64(4, sample.Value);
        buffer.Double(5, Scaled(family, sample.Sum));
        var counts = buffer.Begin(6);
        foreach (var count in sample.Buckets)
            buffer.Fixed64(count);
        buffer.End(counts);
        var bounds = buffer.Begin(7);
        foreach (var bound in family.Bounds)
            buffer.Fixed64(BitConverter.DoubleToInt64Bits(Scaled(family, bound)));
        buffer.End(bounds);
    }

    private static void WriteAttribute(ProtobufBuffer buffer, int field, string key, string value)
    {
        var attribute = buffer.Begin(field);
        buffer.Text(1, key);
        var any = buffer.Begin(2);
        buffer.Text(1, value);
        buffer.End(any);
        buffer.End(attribute);
    }

    /// <summary>
    /// A unit of UCUM if the name ends in it, otherwise an annotation: what translates to Prometheus appends any other unit to the name.
    /// </summary>
    private static string UnitOf(CounterFamily family) =>
        family.Name.Contains("_seconds", StringComparison.Ordinal) ? "s"
        : family.Name.Contains("_bytes", StringComparison.Ordinal) ? "By"
        : $"{{{family.Unit}}}";

    private static double Scaled(CounterFamily family, long value) => (double)value / PowersOfTen[family.Decimals];

    private static readonly ImmutableArray<long> PowersOfTen =
        [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    private static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
