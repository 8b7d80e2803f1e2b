using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux;

/// <summary>
/// The daemon's clock: never steps, and counts the time of a suspend (CLOCK_BOOTTIME). A peer's timers go on while we sleep: with CLOCK_MONOTONIC
/// a machine that slept for an hour would take its dead tunnels for alive until its own HELLO timer has run out.
/// </summary>
public static class MonotonicClock
{
    /// <summary>Milliseconds since boot, rounded down.</summary>
    public static long NowMilliseconds => Nanoseconds(Native.CLOCK_BOOTTIME) / 1_000_000;

    /// <summary>Microseconds since boot, rounded down.</summary>
    public static long NowMicroseconds => Nanoseconds(Native.CLOCK_BOOTTIME) / 1_000;

    internal static unsafe long Nanoseconds(int clock)
    {
        timespec time;
        _ = Native.clock_gettime(clock, &time);
        return (time.tv_sec * 1_000_000_000) + time.tv_nsec;
    }
}
