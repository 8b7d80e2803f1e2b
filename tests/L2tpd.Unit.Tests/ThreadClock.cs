using System.Runtime.InteropServices;

namespace L2tpd.Unit.Tests;

/// <summary>Processor time of the calling thread: a loaded machine does not change it.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    public static double Seconds
    {
        get
        {
            Assert.Equal(0, ClockGetTime(ThreadCpuTime, out var time));
            return time.Seconds + (time.Nanoseconds / 1e9);
        }
    }

    // int clock_gettime(clockid_t clockid, struct timespec *tp);
    [LibraryImport("libc", EntryPoint = "clock_gettime"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
