namespace L2tpd.Ppp.Negotiation;

/// <summary>
/// How often the peer may have a layer that is up negotiated again: a token bucket for the whole link. A request beyond it is ignored and counted; the layer
/// stays as it is, and an honest peer repeats its request (RFC 1661 section 4.6).
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

    /// <summary>Goes on counting; the burst begins again.</summary>
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
