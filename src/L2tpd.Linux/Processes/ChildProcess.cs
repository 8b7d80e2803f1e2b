namespace L2tpd.Linux.Processes;

/// <summary>What to start.</summary>
public sealed record ChildProcessOptions
{
    /// <summary>Absolute path of the executable; no search in PATH.</summary>
    public required string Executable { get; init; }

    /// <summary>Arguments after argv[0], which is the executable.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The whole environment, or null for ours.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Our descriptor to the number it has in the child (3 and above). The child gets these, 0, 1 and 2, and no others. Ours stay open.</summary>
    public IReadOnlyList<DescriptorMapping> Descriptors { get; init; } = [];

    /// <summary>Directory to start in, or null for ours.</summary>
    public string? WorkingDirectory { get; init; }
}

/// <summary>One inherited descriptor.</summary>
public readonly record struct DescriptorMapping(FileDescriptor Ours, int Theirs);

/// <summary>How a child ended.</summary>
/// <param name="ExitCode">Exit code, or -1 if a signal killed it.</param>
/// <param name="Signal">The signal, or 0.</param>
public readonly record struct ChildExit(int ExitCode, int Signal)
{
    /// <summary>Words for a log.</summary>
    public override string ToString() => Signal == 0 ? $"exit code {ExitCode}" : $"killed by signal {Signal}";
}

/// <summary>
/// A child in its own session, with clean signal masks, /dev/null as input, and one pipe for output and errors; watched through a pidfd, so that a signal never hits
/// a recycled pid.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    private ChildProcess() => throw new NotImplementedException();

    /// <summary>Starts it.</summary>
    /// <returns>ENOENT: no such executable; EACCES: not executable; EMFILE; ...</returns>
    public static LinuxError TryStart(ChildProcessOptions options, out ChildProcess? child) => throw new NotImplementedException();

    /// <summary>The pid, for logs.</summary>
    public int Pid => throw new NotImplementedException();

    /// <summary>The pidfd: readable when the child has ended; then call <see cref="TryReap"/>.</summary>
    public FileDescriptor ProcessDescriptor => throw new NotImplementedException();

    /// <summary>The read end of the pipe (non-blocking) with stdout and stderr of the child.</summary>
    public FileDescriptor Output => throw new NotImplementedException();

    /// <summary>Reads output that is there.</summary>
    /// <returns>Octets; 0 at the end (all writers closed); -EAGAIN when there is none now.</returns>
    public int ReadOutput(Span<byte> buffer) => throw new NotImplementedException();

    /// <summary>How the child ended, once reaped.</summary>
    public ChildExit? Exit => throw new NotImplementedException();

    /// <summary>Collects the exit status if the child has ended. Never blocks.</summary>
    /// <returns>True when it has ended (now or before).</returns>
    public bool TryReap(out ChildExit exit) => throw new NotImplementedException();

    /// <summary>Sends a signal (15 SIGTERM, 9 SIGKILL, 1 SIGHUP); after the child was reaped nothing is sent and ESRCH returned.</summary>
    public LinuxError Signal(int signal) => throw new NotImplementedException();

    /// <summary>Kills the child's whole session (its process group) with SIGKILL if not reaped, waits for the child itself, closes descriptors: no zombie is left.</summary>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>Signal numbers.</summary>
public static class Signals
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGKILL = 9;
    public const int SIGPIPE = 13;
    public const int SIGTERM = 15;
}
