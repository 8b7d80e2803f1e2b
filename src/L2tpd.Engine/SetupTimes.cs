namespace L2tpd.Engine;

/// <summary>How long set-ups took that came to their end, in milliseconds, and round trips of control messages.</summary>
public sealed class SetupTimes
{
    /// <summary>Tunnels that we dialled, from SCCRQ to established.</summary>
    public Histogram DialledTunnels { get; } = new(Histogram.Milliseconds);

    /// <summary>Tunnels of peers, from SCCRQ to established.</summary>
    public Histogram AnsweredTunnels { get; } = new(Histogram.Milliseconds);

    /// <summary>Sessions that we requested, from ICRQ or OCRQ to established.</summary>
    public Histogram DialledSessions { get; } = new(Histogram.Milliseconds);

    /// <summary>Sessions that peers requested, from ICRQ or OCRQ to established.</summary>
    public Histogram AnsweredSessions { get; } = new(Histogram.Milliseconds);

    /// <summary>From ICRQ or OCRQ to the network of the session: with PPP, authentication and the data plane.</summary>
    public Histogram Networks { get; } = new(Histogram.Milliseconds);

    /// <summary>From a control message that was sent once to its acknowledgement, which the peer may delay.</summary>
    public Histogram RoundTrips { get; } = new(Histogram.Milliseconds);

    /// <summary>Takes a time since <paramref name="start"/>; nothing if that is not known, as after a restore.</summary>
    internal static void Observe(Histogram histogram, Instant start, Instant now)
    {
        if (start != Instant.Never)
            histogram.Observe((now - start).Ticks / TimeSpan.TicksPerMillisecond);
    }
}
