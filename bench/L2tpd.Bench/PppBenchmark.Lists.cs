using System.Diagnostics;
using System.Globalization;

namespace L2tpd.Bench;

/// <summary>
/// How long l2tpctl, the one next to the daemon, takes to list all sessions of the LNS: a process from its start to its end, into a pipe
/// and on a terminal of 80 columns.
/// </summary>
internal sealed partial class PppBenchmark
{
    private static readonly string[] Lists =
    [
        "show sessions", "show sessions --wide", "show sessions --sort address", "show sessions --sort -octets-down --limit 20",
        "show sessions --filter user=test", "show sessions --filter address=10.99.1.5", "--json show sessions", "top --once --interval 1s",
    ];

    /// <summary>Measures each command.</summary>
    /// <param name="rounds">The median of so many runs counts.</param>
    public int RunLists(int rounds)
    {
        if (!CanRun())
            return 2;
        var lns = StartLns();
        StartLac();
        Console.WriteLine($"{sessions} PPP sessions up after {Until("up", sessions).TotalSeconds:0.0} s; l2tpctl, median of {rounds}:");
        foreach (var list in Lists)
        {
            var before = Cpu(lns);
            var piped = Enumerable.Range(0, rounds).Select(_ => Time(list, onTerminal: false)).ToArray();
            var daemon = (Cpu(lns) - before) / rounds;
            var shown = Enumerable.Range(0, rounds).Select(_ => Time(list, onTerminal: true)).ToArray();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {list,-50} {piped[0].Lines,6} lines; into a pipe {Middle(piped, static run => run.Seconds):0.00} s, CPU "
                + $"{Middle(piped, static run => run.Cpu):0.00} s and {daemon:0.00} s of the daemon; on a terminal "
                + $"{Middle(shown, static run => run.Seconds):0.00} s"));
        }

        return 0;
    }

    private static double Middle(
        IEnumerable<(double Seconds, double Cpu, int Lines)> runs, Func<(double Seconds, double Cpu, int Lines), double> value)
    {
        var sorted = runs.Select(value).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <summary>User and system time of children that ended and were waited for, seconds (proc(5): ticks of 10 ms).</summary>
    private static double CpuOfChildren()
    {
        var fields = File.ReadAllText("/proc/self/stat").Split(") ")[1].Split(' ');
        return (double.Parse(fields[13], CultureInfo.InvariantCulture) + double.Parse(fields[14], CultureInfo.InvariantCulture)) / 100;
    }

    private (double Seconds, double Cpu, int Lines) Time(string list, bool onTerminal)
    {
        var ctl = Path.Combine(Path.GetDirectoryName(program)!, "l2tpctl");
        string[] words = ["--socket", $"{_directory}/lns.sock", .. list.Split(' ')];
        // script(1) gives a terminal.
        var start = onTerminal
            ? new ProcessStartInfo("script", ["-qec", $"stty cols 80 rows 24; '{ctl}' {string.Join(' ', words)}", "/dev/null"])
            : new ProcessStartInfo(ctl, words);
        start.RedirectStandardOutput = true;
        start.RedirectStandardInput = true;
        var before = CpuOfChildren();
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var lines = 0;
        while (process.StandardOutput.ReadLine() is not null)
            lines++;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"l2tpctl {list} ended with {process.ExitCode}");
        return (clock.Elapsed.TotalSeconds, CpuOfChildren() - before, lines);
    }
}
