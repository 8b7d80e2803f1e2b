using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Processes;

/// <summary>A pidfd: a signal sent through it reaches the process it was opened for, never a later process of the same pid.</summary>
public static class PidFd
{
    /// <summary>Opens a pidfd (pidfd_open(2)).</summary>
    /// <returns>ESRCH: there is no such process.</returns>
    public static LinuxError TryOpen(int pid, out FileDescriptor? process)
    {
        var number = Native.pidfd_open(pid, 0);
        process = number < 0 ? null : new FileDescriptor(number);
        return number < 0 ? new LinuxError(LibC.errno, "pidfd_open", $"pid {pid}") : LinuxError.None;
    }

    /// <summary>Sends a signal (pidfd_send_signal(2)).</summary>
    /// <returns>ESRCH: the process has ended; EPERM.</returns>
    public static LinuxError Signal(FileDescriptor process, int signal) =>
        Native.pidfd_send_signal(process, signal) < 0
            ? new LinuxError(LibC.errno, "pidfd_send_signal", $"signal {signal}")
            : LinuxError.None;
}
