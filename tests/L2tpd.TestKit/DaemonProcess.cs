using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using L2tpd.Runtime.Processes;

namespace L2tpd.TestKit;

/// <summary>The real l2tpd as a process of its own, with its own directory, output and end. Killed at the latest when disposed.</summary>
internal sealed class DaemonProcess : IDisposable
{
    public const int Term = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private DaemonProcess(string directory, Process process) => (Directory, _process) = (directory, process);

    /// <summary>Configuration, control socket and state file live here.</summary>
    public string Directory { get; }

    public int Pid => _process.Id;

    public string[] Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <summary>All it said, for messages of failed assertions.</summary>
    public string Output => string.Join('\n', Lines);

    /// <summary>Runs it with a configuration; null pattern: does not wait. {dir} in the text stands for its directory.</summary>
    public static DaemonProcess Start(string yaml, string? waitFor = "Ready:", string? shellPrefix = null, string arguments = "--config",
        string? networkNamespace = null, string? stateFile = null)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("l2tpd-test-").FullName;
        var file = Path.Combine(directory, "l2tpd.yaml");
        // What router profiles keep is not to be the machine's.
        var kept = yaml.Contains("ipv6: router", StringComparison.Ordinal) && !yaml.Contains("state-directory:", StringComparison.Ordinal)
            ? $"state-directory: {directory}/state\n" : "";
        var control = yaml.Contains("control:", StringComparison.Ordinal) ? "" : $"control: {{ socket: {directory}/control.sock }}\n";
        File.WriteAllText(file, control + $"state-file: {stateFile ?? directory + "/state.json"}\n" + kept
            + yaml.Replace("{dir}", directory));
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var daemon = StartProgram(directory, $"{arguments} {file}", shellPrefix, networkNamespace);
        if (waitFor is not null)
            daemon.WaitFor(waitFor);
        return daemon;
    }

    /// <summary>Waits until a line contains the text.</summary>
    public string WaitFor(string text)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Patience)
        {
            if (Lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
                return found;
            Assert.False(_process.HasExited
                && !Lines.Any(line => line.Contains(text, StringComparison.Ordinal)), $"ended without \"{text}\":\n{Output}");
            Thread.Sleep(10);
        }

        throw new TimeoutException($"no \"{text}\" in:\n{Output}");
    }

    /// <summary>Waits until the condition holds.</summary>
    public void WaitUntil(Func<bool> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !condition(); Thread.Sleep(10))
            Assert.True(watch.Elapsed < Patience && !_process.HasExited, $"not in time: {what}:\n{Output}");
    }

    /// <summary>VmRSS, octets.</summary>
    public long ResidentOctets() => 1_024 * long.Parse(
        File.ReadLines($"/proc/{Pid}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture);

    public void Signal(int signal) =>
        Assert.True(StrayProcess.TrySignal(new ProcessIdentity(Pid, ProcessTable.StartTimeOf(Pid) ?? 0), signal), Output);

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(Patience), $"still running:\n{Output}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Descriptors it has open.</summary>
    public int CountDescriptors() => System.IO.Directory.GetFiles($"/proc/{Pid}/fd").Length;

    /// <summary>Its children, by pid.</summary>
    public string[] Children() =>
        System.IO.Directory.GetDirectories($"/proc/{Pid}/task")
            .SelectMany(task => File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();

    /// <summary>A UDP port nobody has at the moment.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>
    /// The l2tpd to test, for the shell: the file that L2TPD_PROGRAM names (<c>./run test</c> names the native build), or the
    /// framework-dependent one next to the tests.
    /// </summary>
    private static string Program()
    {
        if (Environment.GetEnvironmentVariable("L2TPD_PROGRAM") is { Length: > 0 } native)
            return $"'{native}'";
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        return $"'{host}' '{Path.Combine(AppContext.BaseDirectory, "l2tpd.dll")}'";
    }

    private static DaemonProcess StartProgram(string directory, string arguments, string? shellPrefix, string? networkNamespace)
    {
        var exec = arguments.Contains(';', StringComparison.Ordinal) ? "" : "exec ";
        var within = networkNamespace is null ? "" : $"ip netns exec {networkNamespace} ";
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec 2>&1; {shellPrefix} {exec}{within}{Program()} {arguments}"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment.Remove("JOURNAL_STREAM");
        start.Environment.Remove("NOTIFY_SOCKET");
        var daemon = new DaemonProcess(directory, Process.Start(start)!);
        daemon._process.OutputDataReceived += (_, data) =>
        {
            if (data.Data is not null)
            {
                lock (daemon._lines)
                    daemon._lines.Add(data.Data);
            }
        };
        daemon._process.BeginOutputReadLine();
        return daemon;
    }
}
