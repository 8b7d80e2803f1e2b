using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace L2tpd.Bench;

/// <summary>
/// How long <c>--check</c> and the start take with large files: each kind in four sizes, so that the table shows whether the time grows
/// with the size alone.
/// </summary>
internal sealed class ConfigurationBenchmark(Options options)
{
    private const int Sessions = 100_000;
    private const int Users = 20_000;
    private const double TicksPerSecond = 100;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public int Run()
    {
        if (!File.Exists(options.Program))
        {
            Console.Error.WriteLine($"{options.Program} is not there: run ./run build first");
            return 2;
        }

        var directory = Directory.CreateTempSubdirectory("l2tpd-bench-");
        try
        {
            Console.WriteLine($"{"file",-48} {"check, s",10} {"CPU, s",10} {"start, s",10} {"CPU, s",10} {"memory, MB",12}");
            Sizes(directory.FullName, "v3 sessions of one tunnel", Sessions, count => OneTunnel(count));
            Sizes(directory.FullName, "v3 sessions of 1,000 tunnels", Sessions, count => Tunnels(1_000, count / 1_000));
            Sizes(directory.FullName, "endpoints of one v3 peer", Sessions, Endpoints);
            Sizes(directory.FullName, "users of built-in PPP", Users, UsersOf);
            Measure(directory.FullName, $"{Sessions:#,##0} v3 sessions and {Users:#,##0} users", OneTunnel(Sessions) + UsersOf(Users));
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        return 0;
    }

    private void Sizes(string directory, string what, int most, Func<int, string> text)
    {
        for (var count = most / 8; count <= most; count *= 2)
            Measure(directory, $"{count.ToString("#,##0", CultureInfo.InvariantCulture)} {what}", text(count));
    }

    private void Measure(string directory, string what, string text)
    {
        var file = Path.Combine(directory, "l2tpd.yaml");
        File.WriteAllText(file, $"data-plane: \"null\"\nstate-file: {directory}/state\ncontrol: {{ socket: "
            + $"{directory}/control.sock }}\n{text}");
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var rounds = Enumerable.Range(0, options.Rounds).Select(_ => Check(file)).OrderBy(static round => round.Cpu).ToArray();
        var (seconds, cpu) = rounds[rounds.Length / 2];
        var (start, startCpu, memory) = Start(file);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-48} {seconds,10:0.00} {cpu,10:0.00} {start,10:0.00} {startCpu,10:0.00} {memory / 1e6,12:0}"));
    }

    private (double Seconds, double Cpu) Check(string file)
    {
        var before = ChildrenCpuSeconds();
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(
            new ProcessStartInfo(options.Program, ["--check", file]) { UseShellExecute = false, RedirectStandardOutput = true,
            RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"--check failed: {output}");
        return (clock.Elapsed.TotalSeconds, ChildrenCpuSeconds() - before);
    }

    private (double Seconds, double Cpu, long Memory) Start(string file)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(
            new ProcessStartInfo(options.Program, ["--config", file]) { UseShellExecute = false, RedirectStandardOutput = true,
            RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        try
        {
            while (process.StandardOutput.ReadLine() is { } line)
            {
                if (clock.Elapsed > Limit)
                    break;
                if (!line.Contains("Ready:", StringComparison.Ordinal))
                    continue;
                var seconds = clock.Elapsed.TotalSeconds;
                process.Refresh();
                return (seconds, process.TotalProcessorTime.TotalSeconds, process.WorkingSet64);
            }

            throw new InvalidOperationException("the daemon was not ready in time");
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    // utime and stime of children that have been waited for: fields 16 and 17 of stat, counted behind the name in brackets.
    private static double ChildrenCpuSeconds()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[13], CultureInfo.InvariantCulture)
            + long.Parse(fields[14], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static string OneTunnel(int sessions) => "tunnels:\n" + Tunnel(0, sessions);

    private static string Tunnels(int tunnels, int sessions) =>
        "tunnels:\n" + string.Concat(Enumerable.Range(0, tunnels).Select(i => Tunnel(i, sessions)));

    private static string Tunnel(int number, int sessions)
    {
        var text = new StringBuilder($"  t{number}:\n    lns: 127.0.0.1:9\n    protocol: v3\n    sessions:\n");
        for (var i = 0; i < sessions; i++)
            text.Append(CultureInfo.InvariantCulture, $"      s{i}: {{ remote-end-id: e{number}-{i} }}\n");
        return text.ToString();
    }

    private static string Endpoints(int count)
    {
        var text = new StringBuilder("listen: 127.0.0.1:17019\npeers:\n  p:\n    protocol: v3\n    endpoints:\n");
        for (var i = 0; i < count; i++)
            text.Append(CultureInfo.InvariantCulture, $"      e{i}: {{}}\n");
        return text.ToString();
    }

    private static string UsersOf(int count)
    {
        var text = new StringBuilder("ppp:\n  x:\n    backend: built-in\n    auth: chap\n    local: 11.0.0.1\n    pool: 10.0.0.0/8\n "
            + "   users:\n");
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"      user{i}: {{ password: password{i}, address: 12.{(i >> 16) & 255}.{(i >> 8) & 255}.{i & 255} }}\n");
        }

        return text.ToString();
    }
}
