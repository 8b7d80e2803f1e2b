namespace L2tpd.Runtime.Logging;

/// <summary>Lets one line through per interval and counts what it holds back. One thread at a time.</summary>
public sealed class LineGate(TimeSpan interval)
{
    private readonly long _interval = (long)interval.TotalMilliseconds;
    private long _next = long.MinValue;
    private long _suppressed;

    /// <summary>True: say it now, and that <paramref name="suppressed"/> others were not said.</summary>
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

    /// <summary>What is held back and was not told yet; told now.</summary>
    public long TakeSuppressed()
    {
        var suppressed = _suppressed;
        _suppressed = 0;
        return suppressed;
    }
}
