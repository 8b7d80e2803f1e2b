namespace L2tpd.Daemon.Processes;

/// <summary>How many lines of a child's output go to the log: a burst, then so many a second; the rest is counted.</summary>
public sealed class LineBudget
{
    private const int Burst = 200;
    private const int PerSecond = 20;

    private double _tokens = Burst;
    private long _filledAt;
    private bool _started;

    /// <summary>Lines held back since the last one let through.</summary>
    public long Suppressed { get; private set; }

    /// <summary>True: log it. <paramref name="suppressed"/> lines before it were not.</summary>
    public bool TryTake(long now, out long suppressed)
    {
        if (_started)
            _tokens = Math.Min(Burst, _tokens + ((now - _filledAt) / 1000.0 * PerSecond));
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
}
