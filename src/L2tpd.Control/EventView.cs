namespace L2tpd.Control;

/// <summary>Something that happened. Members that do not apply to the kind are absent.</summary>
public sealed record EventView
{
    /// <summary>Counts up over the daemon's run; the same number for every reader.</summary>
    public required long Number { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// "tunnel", "session", "authentication", "network", "address", "data-plane", "radius", "ipsec", "configuration", "daemon" or "stream".
    /// </summary>
    public required string Area { get; init; }

    /// <summary>"tunnel-up", "session-down" and so on; docs/control-api.md has the list, which may grow.</summary>
    public required string Kind { get; init; }

    /// <summary>What happened, in words, for people.</summary>
    public required string Text { get; init; }

    /// <summary>Name of the tunnel or session.</summary>
    public string? Name { get; init; }

    /// <summary>Name of a session's tunnel.</summary>
    public string? Tunnel { get; init; }

    /// <summary>The user of a session, once it is known.</summary>
    public string? User { get; init; }

    /// <summary>Name of the peer profile.</summary>
    public string? Peer { get; init; }

    /// <summary>The peer's address and port.</summary>
    public string? Remote { get; init; }

    /// <summary>The peer's Host Name AVP.</summary>
    public string? HostName { get; init; }

    /// <summary>Our id of the tunnel.</summary>
    public uint? TunnelId { get; init; }

    /// <summary>Our id of the session.</summary>
    public uint? SessionId { get; init; }

    /// <summary>The peer's id of the tunnel or session.</summary>
    public uint? PeerId { get; init; }

    /// <summary>Network interface of a session.</summary>
    public string? Interface { get; init; }

    /// <summary>Our address on the interface.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>The peer's address on the interface.</summary>
    public string? PeerAddress { get; init; }

    /// <summary>A prefix of the session, or a network that is routed to it.</summary>
    public string? Network { get; init; }

    /// <summary>Of an end: the same words as in the history.</summary>
    public string? Cause { get; init; }

    /// <summary>How long it was established; <c>null</c> if it never was.</summary>
    public double? UpSeconds { get; init; }

    /// <summary>Sessions that ended with the tunnel.</summary>
    public int? Sessions { get; init; }

    /// <summary>Of a retry: attempts since the last success.</summary>
    public int? Attempt { get; init; }

    /// <summary>Of a retry: the wait before it.</summary>
    public double? DelaySeconds { get; init; }

    /// <summary>Who requested a reload.</summary>
    public string? By { get; init; }

    /// <summary>Of "events-missed": events that were not delivered because the reader was too slow.</summary>
    public long? Missed { get; init; }
}
