using System.Diagnostics;
using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Bench;

/// <summary>
/// What sending a spool of accounting records costs the sessions that come up meanwhile. All come up without a spool; all go down while
/// accounting is not answered, so that the spool has a Stop of each; then accounting is answered again, and once the first records are
/// sent, all come up a second time.
/// </summary>
internal sealed partial class PppBenchmark
{
    private const string Authentication = "l2tpd_ppp_authentication_seconds";
    private const string Call = "l2tpd_session_setup_seconds";
    private const string Turn = "l2tpd_loop_turn_seconds";

    public int RunWithReplay()
    {
        if (!CanRun())
            return 2;
        _spool = Path.Combine(_directory, "spool");
        var lns = StartLns();
        var before = Histograms();
        var lac = StartLac();
        var alone = Until("up", sessions);
        Console.WriteLine($"{sessions} sessions by CHAP, no spool: {Rate(sessions, alone)} a second; {Latencies(before)}");
        FillSpool(lac);

        radius!.StartAccounting(LnsSpace);
        var spooled = Spooled();
        Await(() => Spooled() < spooled, "the first record of the spool to be sent");
        before = Histograms();
        var cpu = Cpu(lns);
        var (clock, startedWith) = (Stopwatch.StartNew(), Spooled());
        StartLac();
        var beside = Until("up", sessions);
        var (took, left) = (clock.Elapsed, Spooled());
        Console.WriteLine($"{sessions} sessions by CHAP while the spool is sent: {Rate(sessions, beside)} a second; {Latencies(before)}");
        Console.WriteLine($"  meanwhile {startedWith - left} records of the spool were sent, {Rate(startedWith - left, took)} a second "
            + $"(the start of the LAC included, {took.TotalSeconds:0.0} s); CPU of the LNS {Cpu(lns) - cpu:0.0} s");
        Await(() => Spooled() == 0, "the spool to be empty");
        Console.WriteLine($"  spool empty {clock.Elapsed.TotalSeconds:0.0} s after that start; {Radius()}");
        return 0;
    }

    private void FillSpool(Process lac)
    {
        radius!.StopAccounting();
        Terminate(lac);
        Await(() => NetworksUp("lns") == 0 && Spooled() >= sessions, "a Stop of each session in the spool");
        Console.WriteLine($"  all down without an answer to accounting: {Spooled()} records in the spool");
    }

    private static void Await(Func<bool> condition, string what)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); Thread.Sleep(50))
        {
            if (clock.Elapsed > Limit)
                throw new InvalidOperationException($"waited {Limit} for {what}");
        }
    }

    private static string Rate(long count, TimeSpan time) => (count / time.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);

    private long Spooled() => (long)Family("l2tpd_radius_accounting_spooled").Samples[0].Value;

    private CounterView Family(string name)
    {
        using var client = new ControlClient(Path.Combine(_directory, "lns.sock"));
        return client.CountersAsync(name).GetAwaiter().GetResult().Items.Single(family => family.Name == name);
    }

    private Dictionary<string, long[]> Histograms() => new[] { Authentication, Call, Turn }.ToDictionary(name => name, Observations);

    // Of all labels together: what is not asked for does not occur here.
    private long[] Observations(string name) => [.. Buckets(name).Select(static bucket => bucket.Observations)];

    private CounterBucketView[] Buckets(string name)
    {
        var all = Family(name).Samples.Where(static sample => sample.Buckets is not null).ToArray();
        return all.Length == 0 ? [] : [.. all[0].Buckets!.Select((bucket, i) => bucket with
        {
            Observations = all.Sum(sample => sample.Buckets![i].Observations),
        })];
    }

    /// <summary>The smallest bounds that 99 of 100 observations since then are not above.</summary>
    private string Latencies(Dictionary<string, long[]> before) => string.Join(", ", before.Select(pair =>
    {
        var counts = Buckets(pair.Key).Select((bucket, i) => bucket with
        {
            Observations = bucket.Observations - pair.Value.ElementAtOrDefault(i),
        }).ToArray();
        var bound = counts.Length == 0 ? null : counts.First(bucket => bucket.Observations >= 0.99 * counts[^1].Observations).UpTo;
        return $"p99 of {pair.Key} {(bound is { } seconds ? $"up to {seconds * 1000:0.###} ms" : "above all bounds")}";
    }));
}
