namespace L2tpd.Ppp;

/// <summary>
/// How many answers a peer may cause: a few at once, then one each interval. Times are in milliseconds of any monotonic clock.
/// </summary>
/// <param name="burst">Answers at once.</param>
/// <param name="interval">Milliseconds for each further one.</param>
public struct AnswerBudget(int burst, long interval)
{
    // The time by which all answers so far are paid for.
    private long _paid = long.MinValue / 2;

    /// <summary>When <see cref="TryTake"/> succeeds again; in the past if it does now.</summary>
    public readonly long Next => _paid - ((burst - 1) * interval);

    /// <summary>Whether an answer may be sent now.</summary>
    public bool TryTake(long now)
    {
        if (now < Next)
            return false;
        _paid = Math.Max(_paid, now) + interval;
        return true;
    }
}
