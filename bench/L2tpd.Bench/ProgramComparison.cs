using System.Globalization;
using System.Net;
using L2tpd.Protocol.Digests;

namespace L2tpd.Bench;

/// <summary>
/// Builds of l2tpd under the same load in turn. The CPU time per session is the figure to compare on a machine that has other work; rates
/// are those of the wall clock. A process is loaded several times: the first is cold, the median of the others warm.
/// </summary>
internal sealed class ProgramComparison(int rounds, string programs)
{
    private const int Tunnels = 10;
    private const int Sessions = 1_000;
    private const int WarmRuns = 4;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly Workload[] Works =
    [
        Workload.V2("v2", Tunnels, Sessions),
        Workload.V3("v3", Tunnels, Sessions, null),
        Workload.V3("v3, HMAC-MD5", Tunnels, Sessions, DigestType.HmacMd5),
        Workload.V3("v3, HMAC-SHA1", Tunnels, Sessions, DigestType.HmacSha1),
    ];

    private readonly Dictionary<(string Work, string Program), List<Sample>> _samples = [];

    public int Run()
    {
        var builds = programs.Split(',').Select(program => program.Split('=', 2))
            .Select(parts => (Name: parts[0], Path: parts[1])).ToArray();
        // The JIT of the generator must not be measured.
        foreach (var work in Works)
            Measure("warm-up", work.Open(), () => ServerProcess.Bare(work.Dialect));
        _samples.Clear();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var work in Works)
            {
                Measure("bare", work.Open(), () => ServerProcess.Bare(work.Dialect));
                foreach (var (name, path) in builds)
                    Measure(name, work, () => Start(path, work));
            }
        }

        Console.WriteLine($"{Tunnels} tunnels x {Sessions} sessions, medians of {rounds} rounds; CPU of the server, us per session");
        Console.WriteLine($"{"",-26}{"CPU cold",10}{"warm",8}{"rate cold",12}{"warm",9}{"longest answer cold, ms",26}{"warm",7}");
        foreach (var ((work, program), samples) in _samples)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{work + ": " + program,-26}{Median(samples, s => s.ColdCpu),10:0.0}{Median(samples, s => s.WarmCpu),8:0.0}"
                + $"{Median(samples, s => s.ColdRate),12:#,##0}{Median(samples, s => s.WarmRate),9:#,##0}"
                + $"{Median(samples, s => s.ColdLongest),26:0.0}{Median(samples, s => s.WarmLongest),7:0.0}"));
        }

        return 0;
    }

    private static double Median<T>(IEnumerable<T> samples, Func<T, double> figure)
    {
        var sorted = samples.Select(figure).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static ServerProcess Start(string program, Workload work) =>
        ServerProcess.L2tpd(program, Directory.CreateTempSubdirectory("l2tpd-bench").FullName, work.Peer);

    private void Measure(string program, Workload work, Func<ServerProcess> start)
    {
        using var server = start();
        var runs = new List<(double Cpu, double Rate, double Longest)>();
        for (var run = 0; run <= WarmRuns; run++)
        {
            var cpu = server.CpuSeconds;
            using var generator = new LoadGenerator(server.Address, Tunnels, Sessions, Tunnels, work.Rules, IPAddress.Loopback);
            var seconds = generator.SetUp(Tunnels, Tunnels * Sessions, Limit);
            if (generator.Failures > 0 || generator.SessionsUp < work.Objects)
            {
                throw new InvalidOperationException(
                    $"{program}: only {generator.SessionsUp} sessions came up, {generator.Failures} failed");
            }

            runs.Add(((server.CpuSeconds - cpu) * 1e6 / work.Objects, work.Objects / seconds, generator.Latencies.Max() / 1000));
            generator.TearDown(TimeSpan.FromSeconds(5));
        }

        if (!_samples.TryGetValue((work.Name, program), out var samples))
            _samples.Add((work.Name, program), samples = []);
        var warm = runs[1..];
        samples.Add(new Sample(
            runs[0].Cpu, Median(warm, r => r.Cpu), runs[0].Rate, Median(warm, r => r.Rate), runs[0].Longest, Median(warm, r => r.Longest)));
    }

    private sealed record Sample(double ColdCpu, double WarmCpu, double ColdRate, double WarmRate, double ColdLongest, double WarmLongest);
}
