using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.PppHosting.Userspace;

/// <summary>The token buckets of a link that has a limit. Other links have none of these. Loop thread only.</summary>
internal sealed class LinkRates
{
    private readonly bool _isFromLimited;
    private readonly bool _isToLimited;
    private TokenBucket _from;
    private TokenBucket _to;

    /// <param name="rates">The limits, of which at least one direction has one.</param>
    /// <param name="before">The buckets until now; <c>null</c>: full ones.</param>
    /// <param name="now">The time, ms.</param>
    public LinkRates(SessionRates rates, LinkRates? before, long now)
    {
        if (rates.FromPeer is { } from)
        {
            _isFromLimited = true;
            _from = before is { _isFromLimited: true }
                ? new TokenBucket(from.BitsPerSecond, SessionRates.BurstOf(from), now, before._from)
                : new TokenBucket(from.BitsPerSecond, SessionRates.BurstOf(from), now);
        }

        if (rates.ToPeer is { } to)
        {
            _isToLimited = true;
            _to = before is { _isToLimited: true }
                ? new TokenBucket(to.BitsPerSecond, SessionRates.BurstOf(to), now, before._to)
                : new TokenBucket(to.BitsPerSecond, SessionRates.BurstOf(to), now);
        }
    }

    /// <summary>Whether a packet from the peer may pass.</summary>
    public bool TryFromPeer(int octets, long now) => !_isFromLimited || _from.TryTake(octets, now);

    /// <summary>Whether a packet to the peer may pass now.</summary>
    public bool TryToPeer(int octets, long now) => !_isToLimited || _to.TryTake(octets, now);
}
