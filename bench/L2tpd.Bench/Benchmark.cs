using System.Globalization;
using System.Net;
using L2tpd.Protocol.Digests;

namespace L2tpd.Bench;

/// <summary>Runs each measurement against l2tpd and against the bare responder in turn, and prints a table of medians.</summary>
internal sealed class Benchmark(Options options)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Longer than the daemon takes to see that a storm is over.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(13);

    public int Run()
    {
        if (!File.Exists(options.Program))
        {
            Console.Error.WriteLine($"{options.Program} is not there: run ./run build first");
            return 2;
        }

        // JIT of the generator itself is not to be measured.
        Measure(() => ServerProcess.Bare(), Workload.V2("warm-up", 10, 500).Open());

        if (options.Only is { } only)
        {
            Compare(Workload.V2($"sessions, {only} tunnels", only, 100_000 / only));
            return 0;
        }

        Compare(Workload.V2("sessions, 10 tunnels x 1,000", 10, 1000));
        Compare(Workload.V2("sessions, 100 tunnels x 1,000", 100, 1000));
        Compare(Workload.V2("sessions, 1,000 tunnels x 100", 1000, 100));
        Compare(Workload.V2("tunnels, 10,000, authenticated", 10_000, 0));
        Compare(Workload.V2("one call at a time, 2,000 tunnels x 1", 2_000, 1) with { TunnelsAtOnce = 1 });
        CompareDigests();
        if (options.IdleSeconds > 0)
            MeasureIdle();
        return 0;
    }

    private static void Print(string what, string value) => Console.WriteLine($"{what,-56} {value}");

    private static string Number(double value) => value.ToString(value < 100 ? "0.00" : "#,##0", CultureInfo.InvariantCulture);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    private static double Percentile(List<double> values, double fraction) =>
        values.Count == 0 ? double.NaN : values[Math.Min((int)(values.Count * fraction), values.Count - 1)];

    private static Sample Measure(Func<ServerProcess> start, Workload work, Action<LoadGenerator, ServerProcess, Sample>? then = null)
    {
        using var server = start();
        var cpu = server.CpuSeconds;
        var memory = server.ResidentBytes;
        using var generator = new LoadGenerator(server.Address, work.Tunnels, work.Sessions, work.TunnelsAtOnce, work.Rules,
            IPAddress.Loopback);
        var sessions = work.Tunnels * work.Sessions;
        var up = generator.SetUp(work.Tunnels, sessions, Limit);
        if (generator.Failures > 0 || generator.TunnelsUp < work.Tunnels || generator.SessionsUp < sessions)
        {
            throw new InvalidOperationException(
                $"only {generator.TunnelsUp} tunnels and {generator.SessionsUp} sessions came up, {generator.Failures} failed");
        }

        var sample = new Sample(up, server.CpuSeconds - cpu, server.ResidentBytes - memory, memory, [.. generator.Latencies.Order()]);
        then?.Invoke(generator, server, sample);
        generator.TearDown(TimeSpan.FromSeconds(5));
        return sample;
    }

    private static void Settle(LoadGenerator generator, ServerProcess server, Sample sample)
    {
        generator.Idle(Settling);
        sample.Settled = server.ResidentBytes - sample.BaseMemory;
    }

    private ServerProcess StartL2tpd(Workload work) =>
        ServerProcess.L2tpd(options.Program, Directory.CreateTempSubdirectory("l2tpd-bench").FullName, work.Peer);

    private void Compare(Workload work)
    {
        var ours = new List<Sample>();
        var bare = new List<Sample>();
        for (var round = 0; round < options.Rounds; round++)
        {
            bare.Add(Measure(() => ServerProcess.Bare(), work.Open()));
            ours.Add(Measure(() => StartL2tpd(work), work, work.Objects >= 10_000 ? Settle : null));
        }

        Console.WriteLine();
        Console.WriteLine($"{work.Name} (median of {options.Rounds})");
        Print("  l2tpd, a second", Number(Median(ours.Select(s => work.Objects / s.Seconds))));
        Print("  bare responder, a second", Number(Median(bare.Select(s => work.Objects / s.Seconds))));
        Print("  ratio, median of the rounds' ratios", Number(Median(ours.Zip(bare, (o, b) => b.Seconds / o.Seconds))));
        Print("  CPU of l2tpd / of the bare responder, us each",
            $"{Number(Median(ours.Select(s => s.Cpu * 1e6 / work.Objects)))} / "
            + $"{Number(Median(bare.Select(s => s.Cpu * 1e6 / work.Objects)))}");
        PrintMemory(ours, work);
        if (work.Sessions == 0)
            return;
        Print("  ICRQ to ICRP, l2tpd p50 / p99, us",
            $"{Number(Median(ours.Select(s => Percentile(s.Latencies, 0.5))))} / "
            + $"{Number(Median(ours.Select(s => Percentile(s.Latencies, 0.99))))}");
        Print("  ICRQ to ICRP, bare p50 / p99, us",
            $"{Number(Median(bare.Select(s => Percentile(s.Latencies, 0.5))))} / "
            + $"{Number(Median(bare.Select(s => Percentile(s.Latencies, 0.99))))}");
    }

    private static void PrintMemory(List<Sample> samples, Workload work)
    {
        Print("  l2tpd's resident memory before, MiB", Number(Median(samples.Select(s => s.BaseMemory / 1048576.0))));
        Print("  on top, octets each, at once", Number(Median(samples.Select(s => (double)s.Memory / work.Objects))));
        if (samples.TrueForAll(s => s.Settled > 0))
        {
            Print($"  on top, octets each, {Settling.TotalSeconds:0} s later",
                Number(Median(samples.Select(s => (double)s.Settled / work.Objects))));
        }
    }

    private void CompareDigests()
    {
        Workload[] works =
        [
            Workload.V3("no digest", 100, 500, null),
            Workload.V3("HMAC-MD5", 100, 500, DigestType.HmacMd5),
            Workload.V3("HMAC-SHA1", 100, 500, DigestType.HmacSha1),
        ];
        var samples = works.ToDictionary(work => work, _ => new List<Sample>());
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var work in works)
                samples[work].Add(Measure(() => StartL2tpd(work), work));
        }

        Console.WriteLine();
        Console.WriteLine($"L2TPv3 sessions, 100 control connections x 500 (median of {options.Rounds})");
        foreach (var work in works)
        {
            var ratio = Median(samples[work].Zip(samples[works[0]], (signed, open) => open.Seconds / signed.Seconds));
            Print($"  {work.Name}: sessions a second / of those without",
                $"{Number(Median(samples[work].Select(s => work.Objects / s.Seconds)))} / {Number(ratio)}");
            Print($"  {work.Name}: CPU, us each", Number(Median(samples[work].Select(s => s.Cpu * 1e6 / work.Objects))));
        }
    }

    private void MeasureIdle()
    {
        var work = Workload.V2("idle", 10_000, 0);
        Measure(() => StartL2tpd(work), work, (generator, server, _) =>
        {
            generator.Idle(Settling);
            var before = server.CpuSeconds;
            generator.Idle(TimeSpan.FromSeconds(options.IdleSeconds));
            var share = (server.CpuSeconds - before) / options.IdleSeconds;
            Console.WriteLine();
            Print($"10,000 idle tunnels for {options.IdleSeconds} s, % of a core", Number(share * 100));
        });
    }

    private sealed record Sample(double Seconds, double Cpu, long Memory, long BaseMemory, List<double> Latencies)
    {
        /// <summary>Memory on top some seconds after the load; 0: not taken.</summary>
        public long Settled { get; set; }
    }
}
