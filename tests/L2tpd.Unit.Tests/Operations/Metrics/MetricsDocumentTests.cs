using L2tpd.Operations.Control;
using L2tpd.Runtime.Counters;
using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Operations.Metrics;

/// <summary>The table of docs/metrics.md is made of the daemon's registry. <c>./run reference</c> lets this test write it.</summary>
public sealed class MetricsDocumentTests
{
    private const string Document = "docs/metrics.md";
    private const string Head = "| name | type | unit | labels | meaning |\n|---|---|---|---|---|\n";

    private static readonly string[] FixedLabels =
        ["reason", "direction", "state", "result", "code", "kind", "generation", "cause", "type", "role", "message"];

    [Fact]
    public void The_document_has_every_metric()
    {
        var document = RepositoryFiles.Text(Document);
        var table = Head + string.Concat(DaemonRegistry.Read().OrderBy(static reading => reading.Family.Name, StringComparer.Ordinal)
            .Select(Row));
        if (Environment.GetEnvironmentVariable("L2TPD_WRITE_METRICS") == "1")
        {
            var start = document.IndexOf("| name |", StringComparison.Ordinal) is var found and >= 0 ? found : document.Length;
            var end = document.IndexOf("\n\n", start, StringComparison.Ordinal) is var last and >= 0 ? last + 1 : document.Length;
            File.WriteAllText(Path.Combine(RepositoryFiles.Root, Document), document[..start] + table + document[end..]);
            return;
        }

        Assert.True(document.Contains(table, StringComparison.Ordinal), $"{Document} differs from the registry: ./run reference writes it");
    }

    [Fact]
    public void Every_family_has_help_and_bounded_labels()
    {
        Assert.All(DaemonRegistry.Read(), static reading =>
        {
            Assert.EndsWith(".", reading.Family.Help);
            Assert.DoesNotContain(reading.Family.Labels, static label => label is "tunnel" or "session" or "user" or "address");
            if (!reading.Family.LastLabelValues.IsEmpty)
                Assert.All(reading.Samples, sample => Assert.Contains(sample.LabelValues[^1], reading.Family.LastLabelValues));
        });
    }

    private static string Row(CounterReading reading)
    {
        var family = reading.Family;
        var labels = family.Labels.Select((label, place) => ValuesOf(reading, place) is { Length: > 0 } values
            ? $"`{label}`: {string.Join(", ", values.Select(static value => $"`{value}`"))}"
            : $"`{label}`");
        return $"| `{family.Name}` | {CounterViews.KindOf(family.Kind)} | {family.Unit} | {string.Join("; ", labels)} | {family.Help} |\n";
    }

    private static string[] ValuesOf(CounterReading reading, int place)
    {
        var family = reading.Family;
        if (place == family.Labels.Length - 1 && !family.LastLabelValues.IsEmpty)
            return [.. family.LastLabelValues];
        return FixedLabels.Contains(family.Labels[place])
            ? [.. reading.Samples.Select(sample => sample.LabelValues[place]).Distinct()]
            : [];
    }
}
