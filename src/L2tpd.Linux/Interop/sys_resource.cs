using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    public const int RLIMIT_NOFILE = 7;

    /// <summary>struct rlimit of 64-bit Linux.</summary>
    public struct rlimit
    {
        public ulong rlim_cur;
        public ulong rlim_max;
    }

    // int getrlimit(int resource, struct rlimit *rlim);
    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, rlimit* rlim);

    // int setrlimit(int resource, const struct rlimit *rlim);
    [LibraryImport(Library, SetLastError = true)]
    public static partial int setrlimit(int resource, rlimit* rlim);
}
