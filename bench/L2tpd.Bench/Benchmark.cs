using System.Globalization;

namespace L2tpd.Bench;

/// <summary>Runs each measurement against l2tpd and against the bare responder in turn, and prints a table of medians.</summary>
internal sealed class Benchmark(Options options)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public int Run()
    {
        if (!File.Exists(options.Program))
        {
            Console.Error.WriteLine($"{options.Program} is not there: run ./run build first");
            return 2;
        }

        // JIT of the generator itself is not to be measured.
        Measure(ServerProcess.Bare, null, 10, 500);

        if (options.Only is { } only)
        {
            Compare($"sessions, {only} tunnels", only, 100_000 / only);
            return 0;
        }

        Compare("sessions, 10 tunnels x 1,000", 10, 1000);
        Compare("sessions, 100 tunnels x 1,000", 100, 1000);
        Compare("sessions, 1,000 tunnels x 100", 1000, 100);
        Compare("tunnels, 10,000, authenticated", 10_000, 0);
        if (options.IdleSeconds > 0)
            MeasureIdle();
        return 0;
    }

    private static void Print(string what, string value) => Console.WriteLine($"{what,-52} {value}");

    private static string Number(double value) => value.ToString(value < 100 ? "0.00" : "#,##0", CultureInfo.InvariantCulture);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    private static double Percentile(List<double> values, double fraction) =>
        values.Count == 0 ? double.NaN : values[Math.Min((int)(values.Count * fraction), values.Count - 1)];

    private static Sample Measure(Func<ServerProcess> start, string? secret, int tunnels, int sessions, Action<LoadGenerator, ServerProcess>? then = null)
    {
        using var server = start();
        var cpu = server.CpuSeconds;
        var memory = server.ResidentBytes;
        using var generator = new LoadGenerator(server.Address, tunnels, sessions, tunnelsAtOnce: 64, secret);
        var up = generator.SetUp(tunnels, tunnels * sessions, Limit);
        if (generator.Failures > 0 || generator.TunnelsUp < tunnels || generator.SessionsUp < tunnels * sessions)
            throw new InvalidOperationException($"only {generator.TunnelsUp} tunnels and {generator.SessionsUp} sessions came up, {generator.Failures} failed");
        var sample = new Sample(up, server.CpuSeconds - cpu, server.ResidentBytes - memory, memory, [.. generator.Latencies.Order()]);
        then?.Invoke(generator, server);
        generator.TearDown(TimeSpan.FromSeconds(5));
        return sample;
    }

    private ServerProcess StartL2tpd() => ServerProcess.L2tpd(options.Program, Directory.CreateTempSubdirectory("l2tpd-bench").FullName);

    private void Compare(string name, int tunnels, int sessions)
    {
        var objects = Math.Max(tunnels * sessions, tunnels);
        var ours = new List<Sample>();
        var bare = new List<Sample>();
        for (var round = 0; round < options.Rounds; round++)
        {
            bare.Add(Measure(ServerProcess.Bare, null, tunnels, sessions));
            ours.Add(Measure(StartL2tpd, "test", tunnels, sessions));
        }

        Console.WriteLine();
        Console.WriteLine($"{name} (median of {options.Rounds})");
        var rate = Median(ours.Select(s => objects / s.Seconds));
        var bareRate = Median(bare.Select(s => objects / s.Seconds));
        Print("  l2tpd, a second", Number(rate));
        Print("  bare responder, a second", Number(bareRate));
        Print("  ratio, median of the rounds' ratios", Number(Median(ours.Zip(bare, (o, b) => b.Seconds / o.Seconds))));
        Print("  CPU of l2tpd / of the bare responder, us each", $"{Number(Median(ours.Select(s => s.Cpu * 1e6 / objects)))} / {Number(Median(bare.Select(s => s.Cpu * 1e6 / objects)))}");
        Print("  l2tpd's resident memory before, MiB", Number(Median(ours.Select(s => s.BaseMemory / 1048576.0))));
        Print("  l2tpd's resident memory, octets each on top", Number(Median(ours.Select(s => (double)s.Memory / objects))));
        if (sessions == 0)
            return;
        Print("  ICRQ to ICRP, l2tpd p50 / p99, us", $"{Number(Median(ours.Select(s => Percentile(s.Latencies, 0.5))))} / {Number(Median(ours.Select(s => Percentile(s.Latencies, 0.99))))}");
        Print("  ICRQ to ICRP, bare p50 / p99, us", $"{Number(Median(bare.Select(s => Percentile(s.Latencies, 0.5))))} / {Number(Median(bare.Select(s => Percentile(s.Latencies, 0.99))))}");
    }

    private void MeasureIdle()
    {
        const int tunnels = 10_000;
        Measure(StartL2tpd, "test", tunnels, 0, (generator, server) =>
        {
            generator.Idle(TimeSpan.FromSeconds(5));
            var before = server.CpuSeconds;
            generator.Idle(TimeSpan.FromSeconds(options.IdleSeconds));
            var share = (server.CpuSeconds - before) / options.IdleSeconds;
            Console.WriteLine();
            Print($"10,000 idle tunnels for {options.IdleSeconds} s, % of a core", Number(share * 100));
        });
    }

    private sealed record Sample(double Seconds, double Cpu, long Memory, long BaseMemory, List<double> Latencies);
}
