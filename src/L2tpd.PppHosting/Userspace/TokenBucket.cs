namespace L2tpd.PppHosting.Userspace;

/// <summary>
/// A token bucket of one direction of a session: full at the start, filled by the rate, emptied by the packets. Integers, without rounding:
/// one token is a bit that passes within a millisecond at a rate of one bit/s, so that no time between two packets is lost however short it
/// is.
/// </summary>
internal struct TokenBucket
{
    private const long TokensPerOctet = 8 * 1_000;

    private readonly long _tokensPerMillisecond;
    private readonly long _capacity;
    private long _tokens;
    private long _filledAt;

    /// <summary>A full bucket.</summary>
    /// <param name="bitsPerSecond">The rate.</param>
    /// <param name="burst">What a full bucket lets pass, octets; at most 1 GiB.</param>
    /// <param name="now">The time, ms.</param>
    public TokenBucket(ulong bitsPerSecond, uint burst, long now)
    {
        _tokensPerMillisecond = (long)Math.Min(bitsPerSecond, Access.RateText.Largest);
        _capacity = burst * TokensPerOctet;
        _tokens = _capacity;
        _filledAt = now;
    }

    /// <summary>
    /// The rate changes, and what is in the bucket stays: who asks for a change often gains nothing. A smaller bucket spills what it cannot
    /// hold.
    /// </summary>
    public TokenBucket(ulong bitsPerSecond, uint burst, long now, TokenBucket before) : this(bitsPerSecond, burst, now)
    {
        before.Fill(now);
        _tokens = Math.Min(before._tokens, _capacity);
    }

    /// <summary>Takes the tokens of a packet.</summary>
    /// <param name="octets">Its length.</param>
    /// <param name="now">The time, ms; a time before an earlier one counts as that one.</param>
    /// <returns>False if there are too few: the packet must not pass now.</returns>
    public bool TryTake(int octets, long now)
    {
        Fill(now);
        var price = octets * TokensPerOctet;
        if (_tokens < price)
            return false;
        _tokens -= price;
        return true;
    }

    /// <summary>Milliseconds from <paramref name="now"/> until a packet may pass.</summary>
    public long WaitFor(int octets, long now)
    {
        Fill(now);
        var missing = octets * TokensPerOctet - _tokens;
        return missing <= 0 ? 0 : (missing + _tokensPerMillisecond - 1) / _tokensPerMillisecond;
    }

    private void Fill(long now)
    {
        var elapsed = now - _filledAt;
        if (elapsed <= 0)
            return;
        _filledAt = now;
        // The product of a long pause and a high rate would overflow: a full bucket takes no more.
        _tokens = elapsed >= (_capacity - _tokens) / _tokensPerMillisecond + 1
            ? _capacity : Math.Min(_capacity, _tokens + elapsed * _tokensPerMillisecond);
    }
}
