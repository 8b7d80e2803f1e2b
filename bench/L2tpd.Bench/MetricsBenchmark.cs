using System.Diagnostics;
using System.Globalization;
using System.Net;
using L2tpd.Control;

namespace L2tpd.Bench;

/// <summary>
/// What a scrape of <c>/metrics</c> costs with 100,000 sessions, and whether calls take longer while somebody scrapes. Needs no root.
/// </summary>
internal sealed class MetricsBenchmark(Options options)
{
    private const int Tunnels = 100;
    private const int Sessions = 1_000;
    private const int Scrapes = 50;
    private const int Calls = 5_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public int Run()
    {
        var work = Workload.V2("metrics", Tunnels, Sessions);
        var directory = Directory.CreateTempSubdirectory("l2tpd-bench").FullName;
        using var server = ServerProcess.L2tpd(options.Program, directory, work.Peer);
        using var client = new ControlClient(Path.Combine(directory, "control.sock"));
        using var holder = new LoadGenerator(server.Address, Tunnels, Sessions, work.TunnelsAtOnce, work.Rules, IPAddress.Loopback);
        holder.SetUp(Tunnels, Tunnels * Sessions, Limit);
        if (holder.SessionsUp < Tunnels * Sessions)
            throw new InvalidOperationException($"only {holder.SessionsUp} sessions came up");
        // The sessions stay while it answers HELLOs.
        using var end = new CancellationTokenSource();
        var holding = new Thread(() => Hold(holder, end.Token));
        holding.Start();
        try
        {
            Thread.Sleep(TimeSpan.FromSeconds(2));
            Measure(client, server, work);
        }
        finally
        {
            end.Cancel();
            holding.Join();
        }

        return 0;
    }

    private static void Hold(LoadGenerator generator, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
            generator.Idle(TimeSpan.FromMilliseconds(100));
    }

    private void Measure(ControlClient client, ServerProcess server, Workload work)
    {
        Console.WriteLine($"{Tunnels * Sessions:#,##0} sessions in {Tunnels} tunnels, median of {options.Rounds} rounds");
        var scrapes = Enumerable.Range(0, options.Rounds).Select(_ => MeasureScrapes(client)).ToArray();
        Print(
            "  one scrape, client's time p50 / longest, ms",
            $"{Median(scrapes, s => s.Middle):0.0} / {Median(scrapes, s => s.Longest):0.0}");
        Print("  loop's time per scrape, ms", $"{Median(scrapes, s => s.Loop):0.00}");
        Print("  allocated per scrape, KiB", $"{Median(scrapes, s => s.Allocated / 1024):0}");
        Print("  length of the text, KiB", $"{Median(scrapes, s => s.Octets / 1024):0.0}");
        var busiest = Enumerable.Range(0, options.Rounds).Select(_ => MeasureBusiest(client)).ToArray();
        Print(
            "  the 20 busiest sessions, client's time p50 / longest, ms",
            $"{Median(busiest, s => s.Middle):0.0} / {Median(busiest, s => s.Longest):0.0}");
        Print("  loop's time per question, ms", $"{Median(busiest, s => s.Loop):0.00}");
        Print("  allocated per question, KiB", $"{Median(busiest, s => s.Allocated / 1024):0}");
        var quiet = new List<(double Middle, double Late)>();
        var scraped = new List<(double Middle, double Late)>();
        for (var round = 0; round < options.Rounds; round++)
        {
            quiet.Add(MeasureCalls(server.Address, work));
            using var stop = new CancellationTokenSource();
            var scraper = ScrapeOftenAsync(client, stop.Token);
            scraped.Add(MeasureCalls(server.Address, work));
            stop.Cancel();
            scraper.GetAwaiter().GetResult();
        }

        Print("  ICRQ to ICRP p50 / p99, us", $"{Median(quiet, c => c.Middle):0} / {Median(quiet, c => c.Late):0}");
        Print("  the same with ten scrapes a second", $"{Median(scraped, c => c.Middle):0} / {Median(scraped, c => c.Late):0}");
    }

    private static void Print(string what, FormattableString value) =>
        Console.WriteLine($"{what,-50} {value.ToString(CultureInfo.InvariantCulture)}");

    private static double Median<T>(IEnumerable<T> rounds, Func<T, double> value)
    {
        var sorted = rounds.Select(value).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static (double Middle, double Longest, double Loop, double Allocated, double Octets) MeasureScrapes(ControlClient client)
    {
        var before = client.MetricsAsync().GetAwaiter().GetResult();
        var after = before;
        var times = new List<double>();
        for (var i = 0; i < Scrapes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            after = client.MetricsAsync().GetAwaiter().GetResult();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return (times[Scrapes / 2], times[^1], 1_000 * Grown("l2tpd_loop_turn_seconds_sum"), Grown("l2tpd_gc_allocated_bytes_total"),
            after.Length);

        double Grown(string name) => (ValueOf(after, name) - ValueOf(before, name)) / Scrapes;
    }

    // Each after the time that a reading serves, so that each reads the counters of all sessions.
    private static (double Middle, double Longest, double Loop, double Allocated) MeasureBusiest(ControlClient client)
    {
        const int Questions = 10;
        client.BusiestAsync("rate", 20).GetAwaiter().GetResult();
        var before = client.MetricsAsync().GetAwaiter().GetResult();
        var times = new List<double>();
        for (var i = 0; i < Questions; i++)
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(600));
            var start = Stopwatch.GetTimestamp();
            if (client.BusiestAsync("rate", 20).GetAwaiter().GetResult().Items.Count != 20)
                throw new InvalidOperationException("there are not 20 busiest sessions");
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var after = client.MetricsAsync().GetAwaiter().GetResult();
        times.Sort();
        return (times[Questions / 2], times[^1], 1_000 * Grown("l2tpd_loop_turn_seconds_sum"), Grown("l2tpd_gc_allocated_bytes_total"));

        double Grown(string name) => (ValueOf(after, name) - ValueOf(before, name)) / Questions;
    }

    private static double ValueOf(string text, string name) => double.Parse(
        text.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..],
        CultureInfo.InvariantCulture);

    private static (double Middle, double Late) MeasureCalls(IPEndPoint server, Workload work)
    {
        using var generator = new LoadGenerator(server, Calls, 1, 1, work.Rules, IPAddress.Parse("127.0.0.2"));
        generator.SetUp(Calls, Calls, Limit);
        if (generator.SessionsUp < Calls)
            throw new InvalidOperationException($"only {generator.SessionsUp} calls were answered");
        var sorted = generator.Latencies.Order().ToArray();
        generator.TearDown(TimeSpan.FromSeconds(5));
        return (sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
    }

    private static async Task ScrapeOftenAsync(ControlClient client, CancellationToken stop)
    {
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (await timer.WaitForNextTickAsync(stop))
                await client.MetricsAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }
    }
}
