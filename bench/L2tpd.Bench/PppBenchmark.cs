using System.Diagnostics;
using System.Globalization;
using System.Text;
using L2tpd.Control;

namespace L2tpd.Bench;

/// <summary>
/// Full PPP sessions between two l2tpd processes in namespaces of their own: LCP, CHAP, IPCP, onto one shared TUN interface at the LNS and
/// none at the LAC. All sessions come up; then the link between the two is cut until the tunnels are dead, and all come up again. With a
/// RADIUS server, which runs in the namespace of the LNS, all come up by CHAP and go down, until the server has every Stop. Needs root.
/// </summary>
/// <param name="program">The l2tpd to measure.</param>
/// <param name="sessions">How many sessions.</param>
/// <param name="radius">The server; <c>null</c>: local users.</param>
internal sealed partial class PppBenchmark(string program, int sessions, RadiusServerProgram? radius = null) : IDisposable
{
    private const int SessionsATunnel = 1000;
    private const string LacSpace = "l2tpd-bench-lac";
    private const string LnsSpace = "l2tpd-bench-lns";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-bench").FullName;

    private readonly List<Process> _processes = [];

    private string? _spool;

    public int Run()
    {
        if (!CanRun())
            return 2;
        var lns = StartLns();
        var lac = StartLac();
        var (lnsBefore, lacBefore) = (Resident(lns), Resident(lac));
        var first = Until("up", sessions);
        Report("all up", first, lns, lac, lnsBefore, lacBefore);
        if (radius is not null)
        {
            EndAll(lac);
            return 0;
        }

        Ip($"-n {LnsSpace} link set bench1 down");
        var gone = Until("gone", 0);
        Console.WriteLine($"  link pulled: all gone after {gone.TotalSeconds:0.0} s");
        Ip($"-n {LnsSpace} link set bench1 up");
        Report("all back after the link", Until("back", sessions), lns, lac, lnsBefore, lacBefore);
        return 0;
    }

    private bool CanRun()
    {
        // A run that is ended by a signal leaves nothing behind either.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        if (Environment.IsPrivilegedProcess && File.Exists(program))
            return true;
        Console.Error.WriteLine($"needs root, and {program} from ./run build");
        return false;
    }

    /// <summary>The namespaces, the RADIUS server if there is one, and the LNS.</summary>
    private Process StartLns()
    {
        MakeWorld();
        if (radius?.Start(LnsSpace, _directory) is { } server)
            _processes.Add(server);
        var lns = Start(LnsSpace, "lns", LnsConfiguration());
        WaitFor("lns", static status => status.Listeners.Count > 0);
        return lns;
    }

    private Process StartLac()
    {
        var lac = Start(LacSpace, "lac", LacConfiguration());
        WaitFor("lac", static _ => true);
        return lac;
    }

    public void Dispose()
    {
        radius?.StopAccounting();
        foreach (var process in _processes)
            End(process);
        _processes.Clear();
        TryIp($"netns del {LacSpace}");
        TryIp($"netns del {LnsSpace}");
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private static long Resident(Process process) => File.ReadLines($"/proc/{process.Id}/status")
        .Where(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(static line => long.Parse(line[6..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024)
        .First();

    private static void MakeWorld()
    {
        Ip($"netns add {LacSpace}");
        Ip($"netns add {LnsSpace}");
        Ip($"link add bench0 netns {LacSpace} type veth peer name bench1 netns {LnsSpace}");
        Ip($"-n {LacSpace} addr add 198.18.0.1/24 dev bench0");
        Ip($"-n {LnsSpace} addr add 198.18.0.2/24 dev bench1");
        foreach (var (space, device) in new[] { (LacSpace, "bench0"), (LnsSpace, "bench1") })
        {
            Ip($"-n {space} link set lo up");
            Ip($"-n {space} link set {device} up");
        }
    }

    private static void Ip(string arguments)
    {
        if (!TryIp(arguments))
            throw new InvalidOperationException($"ip {arguments} failed");
    }

    private static bool TryIp(string arguments)
    {
        using var process = Process.Start("ip", arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private void Report(string what, TimeSpan took, Process lns, Process lac, long lnsBefore, long lacBefore)
    {
        Console.WriteLine($"{sessions} PPP sessions {what}: {took.TotalSeconds:0.0} s, {sessions / took.TotalSeconds:0} a second");
        Console.WriteLine($"  resident octets a session on top: LNS {(Resident(lns) - lnsBefore) / sessions}, LAC "
            + $"{(Resident(lac) - lacBefore) / sessions}");
        Console.WriteLine($"  CPU so far: LNS {Cpu(lns):0.0} s, LAC {Cpu(lac):0.0} s");
    }

    private static void Terminate(Process process)
    {
        using var kill = Process.Start("kill", $"-TERM {process.Id}");
        kill.WaitForExit();
    }

    /// <summary>Ends all sessions by ending the LAC, and waits until the server has a Stop of each.</summary>
    private void EndAll(Process lac)
    {
        Console.WriteLine($"  RADIUS: {radius!.Name}, {radius.Cpu():0.0} s of CPU; {Radius()}");
        var clock = Stopwatch.StartNew();
        Terminate(lac);
        // Accounting-On, and Start and Stop of each session.
        while (Counter("accountingResponses") is var answered && answered < (2 * sessions) + 1)
        {
            if (clock.Elapsed > Limit)
                throw new InvalidOperationException($"{answered} accounting records after {Limit}");
            Thread.Sleep(50);
        }

        Console.WriteLine($"  all down and every Stop stored: {clock.Elapsed.TotalSeconds:0.0} s, "
            + $"{sessions / clock.Elapsed.TotalSeconds:0} a second; {Radius()}");
    }

    private string Radius() => $"{Counter("accepts")} accepts, {Counter("accountingResponses")} accounting responses, "
        + $"{Counter("retransmissions")} packets again, {Counter("timeouts")} timeouts, round trip "
        + $"{Server()?.RoundTripMilliseconds:0.0} ms";

    private long Counter(string name) => Server()?.Counters.GetValueOrDefault(name) ?? -1;

    private RadiusServerView? Server()
    {
        using var client = new ControlClient(Path.Combine(_directory, "lns.sock"));
        return client.RadiusAsync().GetAwaiter().GetResult().Items is [var first, ..] ? first : null;
    }

    private static double Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }

    // Both ends have to have them: what counts is a subscriber that can send.
    private TimeSpan Until(string what, int count)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Limit)
        {
            if (NetworksUp("lns") == count && NetworksUp("lac") == count)
                return clock.Elapsed;
            Thread.Sleep(50);
        }

        throw new InvalidOperationException($"not all {what} in {Limit}: {NetworksUp("lns")} at the LNS, {NetworksUp("lac")} at the LAC");
    }

    private int NetworksUp(string name) => Status(name)?.PppNetworksUp ?? -1;

    private StatusView? Status(string name)
    {
        try
        {
            using var client = new ControlClient(Path.Combine(_directory, name + ".sock"));
            return client.StatusAsync().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is ControlConnectException or ControlProblemException or TimeoutException
            or OperationCanceledException)
        {
            return null;
        }
    }

    private void WaitFor(string name, Func<StatusView, bool> condition)
    {
        for (var i = 0; i < 600; i++)
        {
            if (Status(name) is { } status && condition(status))
                return;
            Thread.Sleep(50);
        }

        throw new InvalidOperationException($"{name} did not start");
    }

    private Process Start(string space, string name, string configuration)
    {
        var file = Path.Combine(_directory, name + ".yaml");
        File.WriteAllText(file, configuration);
        // `ip netns exec` becomes the command: the process is the daemon's.
        var process = Process.Start(new ProcessStartInfo("ip",
            ["netns", "exec", space, program, "--config", file]) { UseShellExecute = false })!;
        _processes.Add(process);
        return process;
    }

    private static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private string Common(string name) => $$"""
        data-plane: userspace
        state-file: {{_directory}}/{{name}}.state
        control: { socket: {{_directory}}/{{name}}.sock, mode: 0600 }
        log: { level: warning }
        timers: { hello-interval: 5s, retransmit-initial: 1s, retransmit-cap: 2s, max-retransmits: 4 }
        limits:
          { tunnels: 65535, sessions: 1000000, half-open: 65535, half-open-per-source: 65535,
            sccrq-rate-per-source: 1000000, sccrq-burst-per-source: 1000000 }

        """;

    private string LnsConfiguration() => Common("lns") + """
        listen: 198.18.0.2:1701
        peers:
          any: { secret: test, challenge: true, lns: { ppp: subscribers } }
        ppp:
          subscribers:
            backend: built-in
            interface: { shared: bench }
            auth: chap
            local: 10.99.0.1
            pool: 10.99.0.0/16

        """ + (radius is null ? "    users: { test: { password: test } }\n" : $"    access: radius\n{radius.Configuration(_spool)}");

    private string LacConfiguration()
    {
        var text = new StringBuilder(Common("lac"));
        text.Append("ppp:\n  client: { backend: built-in, user: test, password: test, interface: none }\ntunnels:\n");
        for (var done = 0; done < sessions; done += SessionsATunnel)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  t{done}:\n    lns: 198.18.0.2\n    secret: test\n    backoff: {{ initial: 1s, maximum: 2s }}\n    sessions:\n");
            for (var i = done; i < Math.Min(done + SessionsATunnel, sessions); i++)
                text.Append(CultureInfo.InvariantCulture, $"      s{i}: {{ ppp: client, backoff: {{ initial: 1s, maximum: 2s }} }}\n");
        }

        return text.ToString();
    }
}
