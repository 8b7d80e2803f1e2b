using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Processes;

/// <summary>Options of a child process.</summary>
public sealed record ChildProcessOptions
{
    /// <summary>Absolute path of the executable. PATH is not searched.</summary>
    public required string Executable { get; init; }

    /// <summary>Arguments after argv[0], which is the executable.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The whole environment; <c>null</c> for the one of this process.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>
    /// Our descriptors, and the number (3 or above) of each in the child. The child gets these, 0, 1, 2 and no others. Ours stay open.
    /// </summary>
    public IReadOnlyList<DescriptorMapping> Descriptors { get; init; } = [];

    /// <summary>Whether its input is a pipe of ours (<see cref="ChildProcess.Input"/>), not /dev/null.</summary>
    public bool HasInput { get; init; }

    /// <summary>Working directory; <c>null</c> for the one of this process.</summary>
    public string? WorkingDirectory { get; init; }
}

/// <summary>One inherited descriptor.</summary>
public readonly record struct DescriptorMapping(FileDescriptor Ours, int Theirs);

/// <summary>How a child ended.</summary>
/// <param name="ExitCode">Exit code; -1 if a signal ended the child.</param>
/// <param name="Signal">The signal, or 0.</param>
public readonly record struct ChildExit(int ExitCode, int Signal)
{
    /// <summary>The text for a log.</summary>
    public override string ToString() => Signal == 0 ? $"exit code {ExitCode}" : $"killed by signal {Signal}";
}

/// <summary>
/// A child in a session of its own, with clean signal masks, /dev/null or a pipe as input, and one pipe for output and errors. It is
/// watched through a pidfd, so that a signal never reaches a later process of the same pid.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    private ChildProcess(int pid, FileDescriptor processDescriptor, FileDescriptor output, FileDescriptor? input) =>
        (Pid, ProcessDescriptor, Output, Input) = (pid, processDescriptor, output, input);

    /// <summary>The pid, for logs.</summary>
    public int Pid { get; }

    /// <summary>The pidfd. Readable when the child has ended: then call <see cref="TryReap"/>.</summary>
    public FileDescriptor ProcessDescriptor { get; }

    /// <summary>The read end (non-blocking) of the pipe for stdout and stderr of the child.</summary>
    public FileDescriptor Output { get; }

    /// <summary>The write end (non-blocking) of the pipe to its input; <c>null</c> if its input is /dev/null.</summary>
    public FileDescriptor? Input { get; }

    /// <summary>How the child ended; <c>null</c> until it is reaped.</summary>
    public ChildExit? Exit { get; private set; }

    /// <summary>Starts a child.</summary>
    /// <returns>ENOENT: no such executable; EACCES: not executable; EMFILE.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A descriptor is mapped onto 0, 1 or 2.</exception>
    public static LinuxError TryStart(ChildProcessOptions options, out ChildProcess? child)
    {
        child = null;
        foreach (var mapping in options.Descriptors)
            ArgumentOutOfRangeException.ThrowIfLessThan(mapping.Theirs, SpawnPlan.FirstFree, nameof(options));
        FileDescriptor? theirInput = null, ourInput = null;
        var error = OpenPipe(out var readEnd, out var writeEnd);
        if (error.IsNone && options.HasInput)
            error = OpenPipe(out theirInput, out ourInput);
        if (error.IsNone)
        {
            error = Start(options, (readEnd!, writeEnd!), theirInput, out var pid, out var processDescriptor) is { IsNone: false } failed
                ? failed
                : Make(pid, processDescriptor!, readEnd!, ourInput, out child);
        }

        // Only our ends: a child whose stdout is non-blocking loses output.
        writeEnd?.Dispose();
        theirInput?.Dispose();
        if (child is null)
        {
            readEnd?.Dispose();
            ourInput?.Dispose();
        }

        return error;
    }

    /// <summary>Writes to its input as much as there is room for. Only with <see cref="ChildProcessOptions.HasInput"/>.</summary>
    /// <returns>Octets; -EAGAIN: no room now; -EPIPE: it closed its input.</returns>
    public int WriteInput(ReadOnlySpan<byte> octets) => Input!.WriteSome(octets);

    private static LinuxError Make(int pid, FileDescriptor processDescriptor, FileDescriptor output, FileDescriptor? input,
        out ChildProcess? child)
    {
        SetNonBlocking(output);
        if (input is not null)
            SetNonBlocking(input);
        child = new ChildProcess(pid, processDescriptor, output, input);
        return LinuxError.None;
    }

    private static LinuxError Start(
        ChildProcessOptions options, (FileDescriptor Read, FileDescriptor Write) output, FileDescriptor? input, out int pid,
        out FileDescriptor? processDescriptor)
    {
        processDescriptor = null;
        int errno;
        using (var plan = new SpawnPlan(options, output.Write, input))
            errno = plan.Spawn(options.Executable, out pid);
        if (errno != 0)
            return new LinuxError(errno, "posix_spawn", options.Executable);

        // The pid belongs to the child until it is reaped, so the pidfd is that of the child.
        var number = Native.pidfd_open(pid, 0);
        if (number >= 0)
        {
            processDescriptor = new FileDescriptor(number);
            return LinuxError.None;
        }

        var error = new LinuxError(LibC.errno, "pidfd_open", options.Executable);
        KillAndWait(pid);
        return error;
    }

    /// <summary>Reads available output.</summary>
    /// <returns>Octets; 0 at the end (all writers closed); -EAGAIN: no output now.</returns>
    public int ReadOutput(Span<byte> buffer) => Output.Read(buffer);

    /// <summary>Collects the exit status if the child has ended. Never blocks.</summary>
    /// <returns>True if it has ended, now or before.</returns>
    public bool TryReap(out ChildExit exit)
    {
        Reap(Native.WNOHANG);
        exit = Exit.GetValueOrDefault();
        return Exit is not null;
    }

    /// <summary>Sends a signal. ESRCH if the child was reaped: nothing is sent.</summary>
    public LinuxError Signal(int signal)
    {
        if (Exit is not null)
            return new LinuxError(Errno.ESRCH, "pidfd_send_signal", $"pid {Pid}, which has ended");
        return Native.pidfd_send_signal(ProcessDescriptor, signal) < 0
            ? new LinuxError(LibC.errno, "pidfd_send_signal", $"pid {Pid}")
            : LinuxError.None;
    }

    /// <summary>
    /// Kills the process group of the child (SIGKILL) if it is not reaped, waits for the child, and closes the descriptors. No zombie is
    /// left.
    /// </summary>
    public void Dispose()
    {
        if (Exit is null && !ProcessDescriptor.IsClosed)
        {
            // Not reaped: pid and process group still belong to the child.
            _ = LibC.kill(-Pid, Signals.SIGKILL);
            _ = Native.pidfd_send_signal(ProcessDescriptor, Signals.SIGKILL);
            Reap(options: 0);
        }

        ProcessDescriptor.Dispose();
        Output.Dispose();
        Input?.Dispose();
    }

    private static unsafe LinuxError OpenPipe(out FileDescriptor? readEnd, out FileDescriptor? writeEnd)
    {
        readEnd = writeEnd = null;
        var ends = stackalloc int[2];
        if (LibC.pipe2(ends, LibC.O_CLOEXEC) < 0)
            return new LinuxError(LibC.errno, "pipe2", "");
        readEnd = new FileDescriptor(ends[0]);
        writeEnd = new FileDescriptor(ends[1]);
        return LinuxError.None;
    }

    private static void SetNonBlocking(FileDescriptor descriptor) => _ = Native.fcntl(descriptor, LibC.F_SETFL, LibC.O_NONBLOCK);

    private static unsafe void KillAndWait(int pid)
    {
        Native.siginfo_t info;
        _ = LibC.kill(pid, Signals.SIGKILL);
        while (Native.waitid(Native.P_PID, pid, &info, Native.WEXITED) < 0 && LibC.errno == Errno.EINTR)
            continue;
    }

    private unsafe void Reap(int options)
    {
        while (Exit is null)
        {
            Native.siginfo_t info = default;
            if (Native.waitid(Native.P_PIDFD, ProcessDescriptor.Number, &info, Native.WEXITED | options) == 0)
            {
                if (info.si_pid != 0)
                    Exit = info.si_code == LibC.CLD_EXITED ? new ChildExit(info.si_status, 0) : new ChildExit(-1, info.si_status);
                return;
            }

            if (LibC.errno == Errno.EINTR)
                continue;
            // Another caller of waitid took the status: the child has ended, its exit code is unknown.
            Exit = new ChildExit(-1, 0);
        }
    }
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
