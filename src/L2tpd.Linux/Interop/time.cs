using System.Runtime.InteropServices;
using Tmds.Linux;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    public const int CLOCK_MONOTONIC = 1;
    public const int CLOCK_BOOTTIME = 7;

    /// <summary>struct timeval of 64-bit Linux.</summary>
    public struct timeval
    {
        public long tv_sec;
        public long tv_usec;
    }

    // int clock_gettime(clockid_t clockid, struct timespec *tp);
    [LibraryImport(Library, SetLastError = true)]
    public static partial int clock_gettime(int clockid, timespec* tp);
}
