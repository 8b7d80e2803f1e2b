using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.Dialling;

/// <summary>How long to wait before trying again: doubling, capped, and jittered so that many do not come back at once.</summary>
internal static class RetryDelay
{
    private const int MostDoublings = 30;

    /// <returns>Whole milliseconds, at least one.</returns>
    public static TimeSpan After(int failures, Backoff backoff, EngineContext context)
    {
        var doubled = backoff.Initial.TotalMilliseconds * Math.Pow(2, Math.Min(failures, MostDoublings));
        var capped = Math.Min(doubled, backoff.Maximum.TotalMilliseconds);
        var unit = context.RandomUInt64() / (double)ulong.MaxValue;
        return TimeSpan.FromMilliseconds(Math.Max(1, (long)(capped * (1 + (backoff.Jitter * ((2 * unit) - 1))))));
    }
}
