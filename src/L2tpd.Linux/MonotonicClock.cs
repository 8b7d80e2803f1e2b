using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux;

/// <summary>
/// The daemon's clock. It never steps, and it counts the time of a suspend (CLOCK_BOOTTIME): the timers of a peer go on while this machine
/// sleeps. With CLOCK_MONOTONIC, a machine that slept for an hour would take dead tunnels for alive until its own HELLO timer ends.
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
