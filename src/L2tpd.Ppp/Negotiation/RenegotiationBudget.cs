namespace L2tpd.Ppp.Negotiation;

/// <summary>
/// Limits the renegotiations of open layers: a token bucket for the whole link. A request above the limit is ignored and counted. The layer
/// stays as it is, and a peer that means it repeats its request (RFC 1661 section 4.6).
/// </summary>
public sealed class RenegotiationBudget
{
    private readonly PppProfile _profile;
    private long _credit;
    private long _at = long.MinValue;

    internal RenegotiationBudget(PppProfile profile) => _profile = profile;

    /// <summary>Renegotiations that took place.</summary>
    public long Taken { get; private set; }

    /// <summary>Requests for one that were ignored.</summary>
    public long Ignored { get; private set; }

    /// <summary>Continues the counts; the burst is full again.</summary>
    internal void Restore(long taken, long ignored) => (Taken, Ignored) = (taken, ignored);

    /// <param name="now">Milliseconds.</param>
    /// <returns>False: ignore the request.</returns>
    internal bool TryTake(long now)
    {
        long cost = _profile.RenegotiationInterval;
        var most = cost * _profile.RenegotiationBurst;
        _credit = _at == long.MinValue ? most : Math.Min(most, _credit + (now - _at));
        _at = now;
        if (_credit < cost)
        {
            Ignored++;
            return false;
        }

        _credit -= cost;
        Taken++;
        return true;
    }
}
