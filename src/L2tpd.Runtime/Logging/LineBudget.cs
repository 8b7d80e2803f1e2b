namespace L2tpd.Runtime.Logging;

/// <summary>Limits the log lines of one kind: a burst, then a fixed rate. Lines over the limit are counted. One thread at a time.</summary>
/// <param name="burst">Lines allowed at once.</param>
/// <param name="perSecond">Lines per second after the burst.</param>
public sealed class LineBudget(int burst = 200, int perSecond = 20)
{
    private double _tokens = burst;
    private long _filledAt;
    private bool _started;

    /// <summary>Lines suppressed since the last line that was allowed.</summary>
    public long Suppressed { get; private set; }

    /// <summary>Returns <c>true</c> if the line may be logged. <paramref name="suppressed"/> lines before it were suppressed.</summary>
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

    /// <summary>The number of suppressed lines that no line has reported yet. The caller reports them.</summary>
    public long TakeSuppressed()
    {
        var suppressed = Suppressed;
        Suppressed = 0;
        return suppressed;
    }
}
