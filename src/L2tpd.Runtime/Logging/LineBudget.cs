namespace L2tpd.Runtime.Logging;

/// <summary>How many lines of one kind go to the log: a burst, then so many a second; the rest is counted. One thread at a time.</summary>
/// <param name="burst">Lines at once.</param>
/// <param name="perSecond">Lines a second after that.</param>
public sealed class LineBudget(int burst = 200, int perSecond = 20)
{
    private double _tokens = burst;
    private long _filledAt;
    private bool _started;

    /// <summary>Lines held back since the last one let through.</summary>
    public long Suppressed { get; private set; }

    /// <summary>True: log it. <paramref name="suppressed"/> lines before it were not.</summary>
    public bool TryTake(long now, out long suppressed)
    {
        if (_started)
            _tokens = Math.Min(burst, _tokens + ((now - _filledAt) / 1000.0 * perSecond));
        (_started, _filledAt, suppressed) = (true, now, Suppressed);
        if (_tokens < 1)
        {
            Suppressed++;
            return false;
        }

        _tokens--;
        Suppressed = 0;
        return true;
    }

    /// <summary>What is held back and was not told yet; told now.</summary>
    public long TakeSuppressed()
    {
        var suppressed = Suppressed;
        Suppressed = 0;
        return suppressed;
    }
}
