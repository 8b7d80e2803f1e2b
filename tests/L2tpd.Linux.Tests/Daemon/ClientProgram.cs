using System.Diagnostics;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>A program of a subscriber in a network namespace, with directories of its own for its state; killed when disposed.</summary>
internal sealed class ClientProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _lines = [];

    /// <summary>Starts it.</summary>
    /// <param name="networkNamespace">Where.</param>
    /// <param name="state">Directories that are empty for this program, and lost with it.</param>
    /// <param name="command">Program and arguments, for the shell.</param>
    public ClientProgram(string networkNamespace, string state, string command)
    {
        var mounts = string.Concat(state.Split(' ').Select(static path => $"mkdir -p {path}; mount -t tmpfs tmpfs {path}; "));
        _process = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", $"exec 2>&1; exec ip netns exec {networkNamespace} sh -ec '{mounts}exec {command}'"])
        {
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += (_, data) =>
        {
            lock (_lines)
                _lines.Add(data.Data ?? "");
        };
        _process.BeginOutputReadLine();
    }

    /// <summary>All it said.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Waits until the condition holds.</summary>
    public void WaitUntil(Func<bool> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !condition(); Thread.Sleep(20))
            Assert.True(watch.Elapsed < Patience && !_process.HasExited, $"not in time: {what}:\n{Output}");
    }

    /// <summary>Asks it to end, and waits for the end.</summary>
    public void Stop()
    {
        NamespacePair.Run($"kill -TERM {_process.Id}");
        Assert.True(_process.WaitForExit(Patience), $"still running:\n{Output}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
