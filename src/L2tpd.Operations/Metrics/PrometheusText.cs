using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using L2tpd.Operations.Control;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Metrics;

/// <summary>
/// Readings of the registry as Prometheus' text format 0.0.4: HELP, TYPE and samples of each family together. Writes into the caller's
/// buffers and allocates nothing for numbers. Any thread.
/// </summary>
internal static class PrometheusText
{
    /// <summary>The value of Content-Type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const int LongestNumber = 32;

    /// <summary>Writes all families.</summary>
    public static void Write(IBufferWriter<byte> output, IReadOnlyList<CounterReading> readings)
    {
        foreach (var (family, samples) in readings)
        {
            WriteHead(output, family);
            foreach (var sample in samples)
            {
                if (family.Kind == CounterKind.Histogram)
                    WriteHistogram(output, family, sample);
                else
                    WriteSample(output, family, sample.LabelValues, "", sample.Value, family.Decimals);
            }
        }
    }

    private static void WriteHead(IBufferWriter<byte> output, CounterFamily family)
    {
        WriteText(output, "# HELP ");
        WriteText(output, family.Name);
        WriteText(output, " ");
        WriteEscaped(output, family.Help, quotes: false);
        WriteText(output, "\n# TYPE ");
        WriteText(output, family.Name);
        WriteText(output, " ");
        WriteText(output, CounterViews.KindOf(family.Kind));
        WriteText(output, "\n");
    }

    private static void WriteHistogram(IBufferWriter<byte> output, CounterFamily family, in CounterSample sample)
    {
        var observations = 0L;
        for (var i = 0; i < sample.Buckets.Length; i++)
        {
            observations += sample.Buckets[i];
            WriteText(output, family.Name);
            WriteText(output, "_bucket");
            WriteLabels(output, family.Labels, sample.LabelValues, closed: false);
            WriteText(output, family.Labels.IsEmpty ? "{le=\"" : ",le=\"");
            if (i < family.Bounds.Length)
                WriteNumber(output, family.Bounds[i], family.Decimals);
            else
                WriteText(output, "+Inf");
            WriteText(output, "\"} ");
            WriteNumber(output, observations, 0);
            WriteText(output, "\n");
        }

        WriteSample(output, family, sample.LabelValues, "_sum", sample.Sum, family.Decimals);
        WriteSample(output, family, sample.LabelValues, "_count", sample.Value, 0);
    }

    private static void WriteSample(
        IBufferWriter<byte> output, CounterFamily family, ImmutableArray<string> labels, string suffix, long value, int decimals)
    {
        WriteText(output, family.Name);
        WriteText(output, suffix);
        WriteLabels(output, family.Labels, labels, closed: true);
        WriteText(output, " ");
        WriteNumber(output, value, decimals);
        WriteText(output, "\n");
    }

    private static void WriteLabels(
        IBufferWriter<byte> output, ImmutableArray<string> names, ImmutableArray<string> values, bool closed)
    {
        for (var i = 0; i < names.Length; i++)
        {
            WriteText(output, i == 0 ? "{" : ",");
            WriteText(output, names[i]);
            WriteText(output, "=\"");
            WriteEscaped(output, values[i], quotes: true);
            WriteText(output, "\"");
        }

        if (closed && !names.IsEmpty)
            WriteText(output, "}");
    }

    /// <summary>Writes a value exactly: 1500000 with 6 decimals is <c>1.5</c>.</summary>
    private static void WriteNumber(IBufferWriter<byte> output, long value, int decimals)
    {
        while (decimals > 0 && value % 10 == 0)
            (decimals, value) = (decimals - 1, value / 10);
        var room = output.GetSpan(LongestNumber);
        if (decimals == 0)
        {
            Utf8Formatter.TryFormat(value, room, out var plain);
            output.Advance(plain);
            return;
        }

        var divisor = 1L;
        for (var i = 0; i < decimals; i++)
            divisor *= 10;
        var (whole, rest) = Math.DivRem(value, divisor);
        var length = 0;
        if (value < 0)
            room[length++] = (byte)'-';
        Utf8Formatter.TryFormat(Math.Abs(whole), room[length..], out var written);
        length += written;
        room[length++] = (byte)'.';
        Utf8Formatter.TryFormat(Math.Abs(rest), room[length..], out written, new StandardFormat('D', (byte)decimals));
        output.Advance(length + written);
    }

    private static void WriteEscaped(IBufferWriter<byte> output, string text, bool quotes)
    {
        if (!text.AsSpan().ContainsAny('\\', '\n', '"'))
        {
            WriteText(output, text);
            return;
        }

        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        WriteText(output, quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text);
    }

    private static void WriteText(IBufferWriter<byte> output, string text)
    {
        var room = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, room));
    }
}
