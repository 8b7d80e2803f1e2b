using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class LibC
{
    // int sigemptyset(sigset_t *set);
    [LibraryImport(Name)]
    public static partial int sigemptyset(void* set);

    // int kill(pid_t pid, int sig);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int kill(int pid, int sig);
}
