using System.Diagnostics;

namespace L2tpd.Bench;

/// <summary>
/// Two network namespaces with a link, 192.0.2.1 at the near end and 192.0.2.2 at the far, and the processes in them. All of it is
/// removed by <see cref="Dispose"/>, or when a signal ends the benchmark. Needs root.
/// </summary>
internal sealed class TwoNamespaces : IDisposable
{
    private readonly List<Process> _processes = [];
    private bool _isGone;

    public TwoNamespaces()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        foreach (var space in new[] { Near, Far })
            Shell($"ip netns add {space}; ip -n {space} link set lo up");
        Shell($"ip link add link0 netns {Near} type veth peer name link0 netns {Far}");
        Shell($"ip -n {Near} addr add 192.0.2.1/24 dev link0; ip -n {Far} addr add 192.0.2.2/24 dev link0");
        Shell($"ip -n {Near} link set link0 up; ip -n {Far} link set link0 up");
    }

    public string Near { get; } = $"l2tpd-bench-{Environment.ProcessId}a";

    public string Far { get; } = $"l2tpd-bench-{Environment.ProcessId}b";

    /// <summary>For files.</summary>
    public string Files { get; } = Directory.CreateTempSubdirectory("l2tpd-bench-").FullName;

    /// <summary>Starts the daemon with the userspace data plane.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="space">Where.</param>
    /// <param name="name">Host name and name of its files.</param>
    /// <param name="configuration">The rest of its configuration.</param>
    public Process StartL2tpd(string program, string space, string name, string configuration)
    {
        var file = Path.Combine(Files, $"{name}.yaml");
        File.WriteAllText(file, $"host-name: {name}\ndata-plane: userspace\ncontrol: {{ socket: {Files}/{name}.sock }}\nlog: {{ level: "
            + $"warning }}\n" + configuration);
        return Start(space, program, $"--config {file}");
    }

    /// <summary>Starts a program; what it prints is to be read.</summary>
    public Process Start(string space, string program, string arguments)
    {
        var process = Process.Start(new ProcessStartInfo("ip",
            $"netns exec {space} {program} {arguments}") { RedirectStandardOutput = true })!;
        _processes.Add(process);
        return process;
    }

    /// <summary>Ends everything that was started.</summary>
    public void StopAll()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _processes.Clear();
    }

    public void Dispose()
    {
        if (_isGone)
            return;
        _isGone = true;
        StopAll();
        foreach (var space in new[] { Near, Far })
            Shell($"ip netns del {space} || true");
        Directory.Delete(Files, recursive: true);
    }

    /// <exception cref="InvalidOperationException">A command failed.</exception>
    public static void Shell(string commands)
    {
        using var shell = Process.Start("/bin/sh", ["-ec", commands]);
        shell.WaitForExit();
        if (shell.ExitCode != 0)
            throw new InvalidOperationException($"{commands}: exit {shell.ExitCode}");
    }
}
