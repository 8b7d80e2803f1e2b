namespace L2tpd.Runtime.Logging;

/// <summary>Permits one line per interval and counts those it suppresses. One thread at a time.</summary>
public sealed class LineGate(TimeSpan interval)
{
    private readonly long _interval = (long)interval.TotalMilliseconds;
    private long _next = long.MinValue;
    private long _suppressed;

    /// <summary><c>true</c>: log the line, and that <paramref name="suppressed"/> others before it were not logged.</summary>
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

    /// <summary>Lines suppressed since the last call or line, which counts as logged now.</summary>
    public long TakeSuppressed()
    {
        var suppressed = _suppressed;
        _suppressed = 0;
        return suppressed;
    }
}
