using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace L2tpd.Bench;

/// <summary>
/// Builds of l2tpd compared with the bare responder and with each other, in turn: start, memory, and sessions per second of a new process
/// (cold) and of one that has served the same load before (warm).
/// </summary>
internal sealed class BuildComparison(Options options)
{
    private const int WarmRuns = 5;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(13);

    private readonly SortedDictionary<string, List<double>> _figures = new(StringComparer.Ordinal);

    public int Run()
    {
        (string Name, string Program)[] builds = [("native", "out/native/l2tpd/l2tpd"), ("ReadyToRun", "out/quick/l2tpd/l2tpd")];
        var small = Workload.V2("10 x 1,000", 10, 1000);
        var large = Workload.V2("100 x 1,000", 100, 1000);
        var bare = (Workload work) => ServerProcess.Bare();
        MeasureLoad(null, bare, small.Open());
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (name, program) in builds)
            {
                MeasureStart(name, program);
                MeasureTool(name, program.Replace("l2tpd/l2tpd", "l2tpctl/l2tpctl", StringComparison.Ordinal));
            }

            foreach (var work in new[] { small, large })
            {
                MeasureLoad("bare", bare, work.Open());
                foreach (var (name, program) in builds)
                    MeasureLoad(name, load => StartL2tpd(program, load), work);
            }
        }

        Console.WriteLine($"medians of {options.Rounds} rounds; warm: the median of the {WarmRuns} runs after the first in one process");
        foreach (var (what, values) in _figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-60} {Median(values),12:#,##0.0}"));
        return 0;
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static ServerProcess StartL2tpd(string program, Workload work) =>
        ServerProcess.L2tpd(program, Directory.CreateTempSubdirectory("l2tpd-bench").FullName, work.Peer);

    private void Add(string what, double value)
    {
        if (!_figures.TryGetValue(what, out var values))
            _figures[what] = values = [];
        values.Add(value);
    }

    private void MeasureStart(string name, string program)
    {
        var watch = Stopwatch.StartNew();
        using var server = StartL2tpd(program, Workload.V2("start", 1, 1));
        Add($"start, until the port is bound, ms (polled each 2 ms): {name}", watch.Elapsed.TotalMilliseconds);
        Thread.Sleep(2_000);
        Add($"CPU of a start, ms: {name}", server.CpuSeconds * 1_000);
        Add($"memory, idle, MiB: {name}", server.ResidentBytes / 1048576.0);
    }

    private void MeasureTool(string name, string program)
    {
        if (!File.Exists(program))
            return;
        var watch = Stopwatch.StartNew();
        using var tool = Process.Start(new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true })!;
        tool.StandardOutput.ReadToEnd();
        tool.WaitForExit();
        Add($"l2tpctl --version, ms: {name}", watch.Elapsed.TotalMilliseconds);
    }

    private void MeasureLoad(string? name, Func<Workload, ServerProcess> start, Workload work)
    {
        using var server = start(work);
        var rates = new List<double>();
        for (var run = 0; run <= WarmRuns; run++)
        {
            using var generator = new LoadGenerator(server.Address, work.Tunnels, work.Sessions, work.TunnelsAtOnce, work.Rules,
                IPAddress.Loopback);
            var seconds = generator.SetUp(work.Tunnels, work.Objects, Limit);
            if (generator.Failures > 0 || generator.SessionsUp < work.Objects)
                throw new InvalidOperationException($"only {generator.SessionsUp} sessions came up, {generator.Failures} failed");
            rates.Add(work.Objects / seconds);
            generator.TearDown(TimeSpan.FromSeconds(5));
        }

        if (name is null)
            return;
        Add($"sessions/s, {work.Name}, cold: {name}", rates[0]);
        Add($"sessions/s, {work.Name}, warm: {name}", Median(rates[1..]));
        if (work.Objects < 100_000)
            return;
        Thread.Sleep(Settling);
        Add($"memory after {WarmRuns + 1} x 100,000 sessions, MiB: {name}", server.ResidentBytes / 1048576.0);
    }
}
