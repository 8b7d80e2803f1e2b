using System.Text.RegularExpressions;
using L2tpd.Unit.Tests.Control;
using YamlDotNet.RepresentationModel;

namespace L2tpd.Unit.Tests.Operations.Metrics;

/// <summary>config/prometheus/alerts.yaml: every alert fires and is silent in a case, asks for what exists, and has a runbook.</summary>
public sealed partial class AlertTests(ITestOutputHelper output)
{
    private const string Alerts = "config/prometheus/alerts.yaml";
    private const string Cases = "tests/L2tpd.Unit.Tests/Operations/Metrics/alerts.test.yaml";

    [Theory]
    [InlineData("check", Alerts)]
    [InlineData("test", Cases)]
    public void Promtool_accepts(string verb, string file)
    {
        if (PromTool.Run(output, "", verb, "rules", Path.Combine(RepositoryFiles.Root, file)) is { } verdict)
            Assert.True(verdict.Code == 0 && verdict.Output.Contains("SUCCESS", StringComparison.Ordinal), verdict.Output);
    }

    [Fact]
    public void Every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent()
    {
        var cases = RepositoryFiles.Text(Cases);
        var expected = Rules().SelectMany(static rule => new[] { $"{rule.Name} fires", $"{rule.Name} is silent" });
        Assert.Equal(expected, CaseName().Matches(cases).Select(static match => match.Groups[1].Value));
        Assert.Equal(Rules().Count, Regex.Count(cases, @"exp_alerts: \[\]"));
    }

    [Fact]
    public void Every_alert_asks_for_metrics_and_labels_that_exist()
    {
        var readings = DaemonRegistry.Read();
        Assert.Empty(Rules().SelectMany(rule => PromQuery.Objections(rule.Expression, readings)));
    }

    [Fact]
    public void Every_alert_has_a_chapter_in_troubleshooting()
    {
        var headings = Heading().Matches(RepositoryFiles.Text("docs/troubleshooting.md")).Select(static match => match.Groups[1].Value);
        Assert.Equal(Rules().Select(static rule => rule.Name), headings);
        Assert.All(Rules(), static rule =>
            Assert.Equal($"docs/troubleshooting.md#{rule.Name.ToLowerInvariant()}", rule.Runbook));
    }

    [Theory]
    [InlineData("rate(l2tpd_nothing_total[5m])", "l2tpd_nothing_total is not a metric of the daemon")]
    [InlineData("l2tpd_tunnels{kind=\"a\"}", "l2tpd_tunnels has no label kind")]
    [InlineData("l2tpd_data_octets_total{direction=\"up\"}", "l2tpd_data_octets_total: direction is never up")]
    [InlineData("sum by (user) (l2tpd_sessions)", "sum by (user) (l2tpd_sessions): no metric in it has the label user")]
    [InlineData("l2tpd_loop_turn_seconds", "l2tpd_loop_turn_seconds is not a metric of the daemon")]
    [InlineData("1 + 1", "1 + 1 asks for no metric")]
    public void A_wrong_query_is_found(string expression, string objection) =>
        Assert.Equal(objection, Assert.Single(PromQuery.Objections(expression, DaemonRegistry.Read())));

    private static List<(string Name, string Expression, string Runbook)> Rules()
    {
        var stream = new YamlStream();
        using var text = new StringReader(RepositoryFiles.Text(Alerts));
        stream.Load(text);
        var group = (YamlMappingNode)((YamlSequenceNode)((YamlMappingNode)stream.Documents[0].RootNode)["groups"])[0];
        return [.. ((YamlSequenceNode)group["rules"]).Select(static rule =>
            (rule["alert"].ToString(), rule["expr"].ToString(), rule["annotations"]["runbook"].ToString()))];
    }

    [GeneratedRegex("(?m)^  - name: (.+)$")]
    private static partial Regex CaseName();

    [GeneratedRegex("(?m)^### (L2tpd[A-Za-z]+)$")]
    private static partial Regex Heading();
}
