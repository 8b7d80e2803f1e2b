namespace L2tpd.Linux;

/// <summary>The daemon's clock: milliseconds that never step and that count suspend (CLOCK_BOOTTIME).</summary>
public static class MonotonicClock
{
    /// <summary>Milliseconds since boot, rounded down.</summary>
    public static long NowMilliseconds => throw new NotImplementedException();

    /// <summary>Microseconds since boot, rounded down.</summary>
    public static long NowMicroseconds => throw new NotImplementedException();
}
