namespace L2tpd.Control;

/// <summary>An ended or refused tunnel or session.</summary>
public sealed record HistoryEntryView
{
    /// <summary>Counts up over the daemon's run.</summary>
    public required long Number { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// "tunnel-ended", "session-ended", "tunnel-refused", "session-refused", "lookup-failed", "peer-silent", "authentication-failed",
    /// "digests-fail" or "ike-failed".
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>
    /// Name of the tunnel or session; for a refusal the source address or the tunnel; for a look-up the host name; for IKE the peer's
    /// address.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Name of a session's tunnel.</summary>
    public string? Tunnel { get; init; }

    /// <summary>The user of a session, or the name that a subscriber gave whose authentication failed; <c>null</c>: not known.</summary>
    public string? User { get; init; }

    /// <summary>Name of the peer profile; <c>null</c> for a refused tunnel.</summary>
    public string? Peer { get; init; }

    public string? Remote { get; init; }

    /// <summary>The peer's Host Name AVP.</summary>
    public string? HostName { get; init; }

    /// <summary>Our id of the tunnel.</summary>
    public uint? TunnelId { get; init; }

    /// <summary>Our id of the session.</summary>
    public uint? SessionId { get; init; }

    /// <summary>The peer's id of what ended or was refused.</summary>
    public uint? PeerId { get; init; }

    /// <summary>How long it was established; <c>null</c> if it never was.</summary>
    public double? UpSeconds { get; init; }

    /// <summary>Sessions that ended with the tunnel.</summary>
    public int? Sessions { get; init; }

    /// <summary>
    /// Of a tunnel that ended with many sessions: the number established. These sessions have entries only in the list of a name.
    /// </summary>
    public int? SessionsUp { get; init; }

    /// <summary>Of a tunnel that ended with many sessions: the names of the first of them.</summary>
    public IReadOnlyList<string>? SessionSample { get; init; }

    /// <summary>"peer-unreachable", "closed-by-peer" and so on; "refused" for refusals, "lookup-failed" for failed look-ups.</summary>
    public required string Cause { get; init; }

    /// <summary>The whole reason in words: unanswered message, transmissions, socket error, result codes.</summary>
    public required string Reason { get; init; }

    public ResultView? Result { get; init; }

    /// <summary>The RFC's name of the message that was never acknowledged.</summary>
    public string? UnansweredMessage { get; init; }

    /// <summary>Number of times it was sent.</summary>
    public int? Transmissions { get; init; }

    /// <summary>Time from its first transmission.</summary>
    public double? UnansweredSeconds { get; init; }

    public string? LastSocketError { get; init; }

    /// <summary>RFC 3145 cause in words.</summary>
    public string? PppCause { get; init; }

    /// <summary>Q.931 cause in words.</summary>
    public string? Q931Cause { get; init; }
}

/// <summary>A Result Code AVP.</summary>
/// <param name="Message">"CDN" or "StopCCN".</param>
/// <param name="FromPeer"><c>true</c> if the peer sent it, <c>false</c> if we did.</param>
/// <param name="Code">Result code.</param>
/// <param name="Error">Error code; <c>null</c> if the AVP had none.</param>
/// <param name="Text">Error message of the AVP.</param>
/// <param name="Words">Codes and text in words.</param>
public sealed record ResultView(string Message, bool FromPeer, int Code, int? Error, string? Text, string Words);
