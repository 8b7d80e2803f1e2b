namespace L2tpd.Access;

/// <summary>A token bucket for records that are sent from the spool, so that they leave room for live requests.</summary>
/// <param name="perSecond">Records per second.</param>
/// <param name="burst">Records at once.</param>
internal sealed class ReplayPace(int perSecond, int burst)
{
    private double _tokens = burst;
    private long _filledAt = long.MinValue;

    /// <summary>The earliest time for the next record, milliseconds; 0: now.</summary>
    public long NextFree => _tokens >= 1 ? 0 : _filledAt + (long)Math.Ceiling((1 - _tokens) * 1_000 / perSecond);

    /// <summary>Takes a token that was free.</summary>
    public void Take(long now)
    {
        if (_filledAt != long.MinValue)
            _tokens = Math.Min(burst, _tokens + ((now - _filledAt) / 1_000.0 * perSecond));
        _filledAt = now;
        _tokens--;
    }
}
