namespace L2tpd.Ipsec;

/// <summary>
/// How long to wait before the next try to reach strongSwan: 100 ms at first, twice as long after each failure, at most 5 s, and each wait
/// shortened at random by up to a half, so that many daemons do not come at once.
/// </summary>
public sealed class RetryInterval
{
    private const int FirstMilliseconds = 100;
    private const int LongestMilliseconds = 5_000;

    private int _next = FirstMilliseconds;

    /// <summary>The wait before the next try.</summary>
    /// <param name="random">Any number.</param>
    public TimeSpan Next(uint random)
    {
        var wait = _next - (int)(random % (uint)(_next / 2));
        _next = Math.Min(2 * _next, LongestMilliseconds);
        return TimeSpan.FromMilliseconds(wait);
    }

    /// <summary>A try has succeeded.</summary>
    public void Reset() => _next = FirstMilliseconds;
}
