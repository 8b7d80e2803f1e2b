namespace L2tpd.Control;

/// <summary>One message or frame of a trace, or its beginning or end.</summary>
public sealed record TraceView
{
    /// <summary>"control", "ppp", "start" or "end".</summary>
    public required string Kind { get; init; }

    /// <summary>When it passed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What it is, in one line; of an end, why it ended.</summary>
    public required string Text { get; init; }

    /// <summary>"in" or "out".</summary>
    public string? Direction { get; init; }

    /// <summary>Our address and port.</summary>
    public string? Local { get; init; }

    /// <summary>The peer's address and port.</summary>
    public string? Remote { get; init; }

    /// <summary>Name of the tunnel; <c>null</c> if there is none yet.</summary>
    public string? Tunnel { get; init; }

    /// <summary>Name of the session.</summary>
    public string? Session { get; init; }

    /// <summary>The user of a PPP frame, as far as it is known.</summary>
    public string? User { get; init; }

    /// <summary>One line for each AVP, option or field. Secrets and passwords are left out.</summary>
    public IReadOnlyList<string>? Details { get; init; }

    /// <summary>
    /// The datagram's payload, in base64, with zeros in place of secrets and passwords: UDP's, or that of IP protocol 115. Before a PPP
    /// frame it has the header of a data message.
    /// </summary>
    public string? Octets { get; init; }

    /// <summary>Of an end: messages and frames that were delivered.</summary>
    public long? Shown { get; init; }

    /// <summary>Of an end: messages and frames left out, because there were too many per second, or the reader was too slow.</summary>
    public long? Missed { get; init; }
}
