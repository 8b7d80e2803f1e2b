using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using L2tpd.Engine;
using L2tpd.Operations.Metrics;
using L2tpd.Runtime.Counters;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Metrics;

public sealed class MetricsTextTests(ITestOutputHelper output)
{
    private static readonly CounterFamily Things = new("l2tpd_things_total", "things", "Things.") { Labels = ["peer", "reason"] };

    [Theory]
    [InlineData(0, 0, "0")]
    [InlineData(7, 0, "7")]
    [InlineData(1_500_000, 6, "1.5")]
    [InlineData(1_000_000, 6, "1")]
    [InlineData(1, 6, "0.000001")]
    [InlineData(-1_500, 3, "-1.5")]
    [InlineData(-1, 3, "-0.001")]
    [InlineData(1_030, 3, "1.03")]
    [InlineData(long.MaxValue, 9, "9223372036.854775807")]
    [InlineData(long.MaxValue, 0, "9223372036854775807")]
    public void A_value_is_written_exactly(long value, int decimals, string expected)
    {
        var family = new CounterFamily("l2tpd_things", "things", "Things.") { Kind = CounterKind.Gauge, Decimals = decimals };
        Assert.Equal(
            $"# HELP l2tpd_things Things.\n# TYPE l2tpd_things gauge\nl2tpd_things {expected}\n",
            Text([new CounterReading(family, [new CounterSample([], value)])]));
    }

    [Fact]
    public void Labels_and_help_are_escaped()
    {
        var family = Things with { Help = "A \"thing\"\nor \\two.", Labels = ["peer"] };
        Assert.Equal(
            "# HELP l2tpd_things_total A \"thing\"\\nor \\\\two.\n# TYPE l2tpd_things_total counter\n"
            + "l2tpd_things_total{peer=\"a\\\"b\\\\c\\nd é\"} 4\n",
            Text([new CounterReading(family, [new CounterSample(["a\"b\\c\nd é"], 4)])]));
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_a_sum_and_a_count()
    {
        var histogram = new Histogram([10, 2_500]);
        foreach (var value in new long[] { -5, 10, 11, 2_500, 2_501, 1_000_000 })
            histogram.Observe(value);
        var family = new CounterFamily("l2tpd_turn_seconds", "seconds", "Turns.")
        {
            Kind = CounterKind.Histogram, Labels = ["kind"], Bounds = [10, 2_500], Decimals = 3,
        };
        Assert.Equal(
            """
            # HELP l2tpd_turn_seconds Turns.
            # TYPE l2tpd_turn_seconds histogram
            l2tpd_turn_seconds_bucket{kind="a",le="0.01"} 2
            l2tpd_turn_seconds_bucket{kind="a",le="2.5"} 4
            l2tpd_turn_seconds_bucket{kind="a",le="+Inf"} 6
            l2tpd_turn_seconds_sum{kind="a"} 1005.022
            l2tpd_turn_seconds_count{kind="a"} 6

            """.ReplaceLineEndings("\n"),
            Text([new CounterReading(family, [Read(histogram, "a")])]));
    }

    [Fact]
    public void A_sum_that_overflows_stays_at_the_maximum()
    {
        var histogram = new Histogram([1]);
        histogram.Observe(long.MaxValue);
        histogram.Observe(long.MaxValue);
        Assert.Equal((2L, long.MaxValue), (histogram.Count, histogram.Sum));
    }

    [Fact]
    public void The_first_peers_keep_their_names_and_the_rest_is_added_up()
    {
        var names = new PeerNames(most: 2);
        Assert.Equal(["a/x=1", "b/x=2", "other/x=12", "other/y=5"],
            Bound(names, ("a", "x", 1), ("b", "x", 2), ("c", "x", 4), ("d", "x", 8), ("d", "y", 5)));
        // A name that has come later never takes the place of an earlier one, even if that is gone.
        Assert.Equal(["b/x=3", "other/x=4"], Bound(names, ("c", "x", 4), ("b", "x", 3)));
    }

    [Fact]
    public void A_million_profiles_have_as_many_series_as_the_bound()
    {
        var samples = Enumerable.Range(0, 1_000_000).Select(static i => new CounterSample([$"p{i}", "x"], 1)).ToList();
        var bounded = new PeerNames().Bound([new CounterReading(Things, samples)])[0];
        Assert.Equal(PeerNames.Default + 1, bounded.Samples.Count);
        Assert.Equal(1_000_000, bounded.Samples.Sum(static sample => sample.Value));
    }

    [Fact]
    public void Histograms_of_further_peers_are_added_up()
    {
        var histogram = new Histogram([10]);
        histogram.Observe(5);
        histogram.Observe(50);
        var family = new CounterFamily("l2tpd_turns", "turns", "Turns.") { Kind = CounterKind.Histogram, Labels = ["peer"], Bounds = [10] };
        var bounded = new PeerNames(most: 0).Bound([new CounterReading(family, [Read(histogram, "a"), Read(histogram, "b")])])[0];
        var sum = Assert.Single(bounded.Samples);
        Assert.Equal((4L, 110L), (sum.Value, sum.Sum));
        Assert.Equal([2L, 2L], sum.Buckets);
    }

    [Fact]
    public void Promtool_has_no_objection_to_the_metrics_of_the_daemon()
    {
        var text = Text(DaemonRegistry.Read());
        if (PromTool.Run(output, text, "check", "metrics") is { } verdict)
            Assert.True(verdict is { Code: 0, Output: "" }, $"{verdict.Output}\n{text}");
    }

    [Fact]
    public void Promtool_would_object()
    {
        if (PromTool.Run(output, "# TYPE l2tpd_things gauge\nl2tpd_things 1\n", "check", "metrics") is { } verdict)
            Assert.Contains("no help text", verdict.Output);
    }

    [Fact]
    public async Task The_control_socket_serves_the_text()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Readings.Add(new CounterReading(Things, [new CounterSample(["a", "x"], 3)]));
        Assert.Equal(Text(server.Plane.Readings), await server.Client.MetricsAsync());
    }

    private static CounterSample Read(Histogram histogram, params string[] labels) =>
        new([.. labels], histogram.Count) { Buckets = [.. histogram.Buckets], Sum = histogram.Sum };

    private static string Text(IReadOnlyList<CounterReading> readings)
    {
        var text = new ArrayBufferWriter<byte>();
        PrometheusText.Write(text, readings);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static IEnumerable<string> Bound(PeerNames names, params (string Peer, string Reason, long Value)[] values)
    {
        var samples = values.Select(static value => new CounterSample([value.Peer, value.Reason], value.Value)).ToImmutableArray();
        return names.Bound([new CounterReading(Things, samples)])[0].Samples
            .Select(static sample => $"{string.Join('/', sample.LabelValues)}={sample.Value}");
    }
}
