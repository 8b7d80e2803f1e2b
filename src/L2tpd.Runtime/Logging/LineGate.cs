namespace L2tpd.Runtime.Logging;

/// <summary>Permits one line per interval and counts the lines that it suppresses. One thread at a time.</summary>
public sealed class LineGate(TimeSpan interval)
{
    private readonly long _interval = (long)interval.TotalMilliseconds;
    private long _next = long.MinValue;
    private long _suppressed;

    /// <summary>Returns <c>true</c> if the line may be logged; <paramref name="suppressed"/> lines before it were suppressed.</summary>
    public bool TryPass(long now, out long suppressed)
    {
        suppressed = _suppressed;
        if (now < _next)
        {
            _suppressed++;
            return false;
        }

        _next = now + _interval;
        _suppressed = 0;
        return true;
    }

    /// <summary>The number of suppressed lines that no line has reported yet. The caller reports them.</summary>
    public long TakeSuppressed()
    {
        var suppressed = _suppressed;
        _suppressed = 0;
        return suppressed;
    }
}
