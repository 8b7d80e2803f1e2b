namespace L2tpd.Radius.Client;

/// <summary>Counts for one server (after RFC 4668 and RFC 4670).</summary>
public sealed class ClientCounters
{
    public long Requests { get; internal set; }

    public long Retransmissions { get; internal set; }

    public long Accepts { get; internal set; }

    /// <summary>Status-Server packets sent.</summary>
    public long Probes { get; internal set; }

    /// <summary>Status-Server packets answered.</summary>
    public long ProbeAnswers { get; internal set; }

    public long Rejects { get; internal set; }

    public long Challenges { get; internal set; }

    public long AccountingResponses { get; internal set; }

    /// <summary>Requests that this server did not answer in time.</summary>
    public long Timeouts { get; internal set; }

    /// <summary>Datagrams that are not RADIUS packets.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Answers without an outstanding request, including duplicates and late ones.</summary>
    public long Unexpected { get; internal set; }

    /// <summary>Answers whose authenticator or Message-Authenticator is wrong.</summary>
    public long BadAuthenticators { get; internal set; }

    /// <summary>Answers dropped because they have no Message-Authenticator.</summary>
    public long MissingMessageAuthenticators { get; internal set; }

    /// <summary>Milliseconds from the last request that was sent only once to its answer; -1 before the first one.</summary>
    public long RoundTrip { get; private set; } = -1;

    /// <summary>Milliseconds, smoothed as in RFC 6298 section 2 (7/8 of the former value); -1 before the first.</summary>
    public double SmoothedRoundTrip { get; private set; } = -1;

    /// <summary>Valid answers to requests.</summary>
    public long Answers => Accepts + Rejects + Challenges + AccountingResponses;

    /// <summary>Adds a measurement, milliseconds.</summary>
    internal void Measure(long roundTrip)
    {
        SmoothedRoundTrip = SmoothedRoundTrip < 0 ? roundTrip : SmoothedRoundTrip + ((roundTrip - SmoothedRoundTrip) / 8);
        RoundTrip = roundTrip;
    }
}
