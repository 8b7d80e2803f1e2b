using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

/// <summary>glibc has wrappers since 2.36 only: the calls go through syscall(2). The numbers are the same on every architecture.</summary>
internal static unsafe partial class LibC
{
    private const nint SYS_pidfd_send_signal = 424;
    private const nint SYS_pidfd_open = 434;

    // long syscall(long number, ...);
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall2(nint number, nint a, nint b);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall4(nint number, nint a, nint b, nint c, nint d);

    // int pidfd_open(pid_t pid, unsigned int flags);
    public static int pidfd_open(int pid, uint flags) => (int)syscall2(SYS_pidfd_open, pid, (nint)flags);

    // int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags);
    public static int pidfd_send_signal(int pidfd, int sig) => (int)syscall4(SYS_pidfd_send_signal, pidfd, sig, 0, 0);
}
