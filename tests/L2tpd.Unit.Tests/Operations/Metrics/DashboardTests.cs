using System.Text.Json;
using System.Text.RegularExpressions;
using L2tpd.Documents;
using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Operations.Metrics;

/// <summary>config/grafana/l2tpd.json: each query is PromQL and asks for metrics and labels that the daemon has.</summary>
public sealed class DashboardTests(ITestOutputHelper output)
{
    private const string Dashboard = "config/grafana/l2tpd.json";
    private const string Source = "${DS_PROMETHEUS}";

    [Fact]
    public void Panels_have_ids_places_and_the_declared_source()
    {
        using var document = JsonDocument.Parse(RepositoryFiles.Text(Dashboard));
        var panels = document.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(static panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Equal("DS_PROMETHEUS", document.RootElement.GetProperty("__inputs")[0].GetProperty("name").GetString());
        var taken = new HashSet<(int X, int Y)>();
        foreach (var panel in panels)
        {
            var place = panel.GetProperty("gridPos");
            var (x, y, w, h) = (Of("x"), Of("y"), Of("w"), Of("h"));
            Assert.True(x >= 0 && x + w <= 24, panel.ToString());
            for (var i = 0; i < w * h; i++)
                Assert.True(taken.Add((x + (i % w), y + (i / w))), $"two panels at the place of {panel.GetProperty("title")}");
            if (panel.GetProperty("type").GetString() == "row")
                continue;
            Assert.Equal(Source, panel.GetProperty("datasource").GetProperty("uid").GetString());
            Assert.EndsWith(".", panel.GetProperty("description").GetString());
            Assert.All(panel.GetProperty("targets").EnumerateArray(), static target =>
                Assert.Equal(Source, target.GetProperty("datasource").GetProperty("uid").GetString()));

            int Of(string name) => place.GetProperty(name).GetInt32();
        }
    }

    [Fact]
    public void Every_query_asks_for_metrics_and_labels_that_exist()
    {
        var readings = DaemonRegistry.Read();
        Assert.Empty(Queries().SelectMany(query => PromQuery.Objections(query, readings)));
        Assert.True(Queries().Count > 40);
    }

    [Fact]
    public void Legends_name_labels_that_the_query_keeps()
    {
        using var document = JsonDocument.Parse(RepositoryFiles.Text(Dashboard));
        foreach (var target in Targets(document))
        {
            var query = target.GetProperty("expr").GetString()!;
            foreach (Match label in Regex.Matches(target.GetProperty("legendFormat").GetString()!, @"\{\{(\w+)\}\}"))
            {
                var keeps = !query.Contains("sum", StringComparison.Ordinal)
                    || Regex.IsMatch(query, $@"by \([^)]*\b{label.Groups[1].Value}\b[^)]*\)");
                Assert.True(keeps, $"{query} has no label {label.Groups[1].Value} left");
            }
        }
    }

    [Fact]
    public void Promtool_reads_every_query()
    {
        var rules = "groups:\n- name: dashboard\n  rules:\n" + string.Concat(Queries().Select(static (query, number) =>
            $"  - record: panel:query:{number}\n    expr: '{query.Replace("'", "''", StringComparison.Ordinal)}'\n"));
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, rules);
            if (PromTool.Run(output, "", "check", "rules", file) is { } verdict)
                Assert.True(verdict.Code == 0 && verdict.Output.Contains($"{Queries().Count} rules found"), verdict.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_picture_is_drawn_from_the_recorded_values_of_panels_that_exist()
    {
        var recorded = RepositoryFiles.Text("docs/metrics-panels.json");
        Assert.Equal(RepositoryFiles.Text("docs/metrics-panels.svg"), PanelPicture.Draw(recorded));
        using var dashboard = JsonDocument.Parse(RepositoryFiles.Text(Dashboard));
        using var values = JsonDocument.Parse(recorded);
        Assert.Equal(
            dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .Where(static panel => panel.GetProperty("type").GetString() == "timeseries")
                .Select(static panel => panel.GetProperty("title").GetString()),
            values.RootElement.GetProperty("panels").EnumerateArray().Select(static panel => panel.GetProperty("title").GetString()));
    }

    private static List<string> Queries()
    {
        using var document = JsonDocument.Parse(RepositoryFiles.Text(Dashboard));
        return [.. Targets(document).Select(static target => target.GetProperty("expr").GetString()!
            .Replace("$__rate_interval", "5m", StringComparison.Ordinal)
            .Replace("$instance", ".*", StringComparison.Ordinal)
            .Replace("$peer", ".*", StringComparison.Ordinal))];
    }

    private static IEnumerable<JsonElement> Targets(JsonDocument document) =>
        document.RootElement.GetProperty("panels").EnumerateArray()
            .Where(static panel => panel.GetProperty("type").GetString() != "row")
            .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray());
}
