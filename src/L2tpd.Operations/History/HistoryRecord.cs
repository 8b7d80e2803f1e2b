using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Avps;

namespace L2tpd.Operations.History;

/// <summary>Kinds of entries.</summary>
public enum HistoryKind : byte
{
    TunnelEnded,
    SessionEnded,
    TunnelRefused,
    SessionRefused,

    /// <summary>The name of an LNS did not resolve.</summary>
    LookupFailed,

    /// <summary>The peer of a static tunnel no longer answers.</summary>
    PeerSilent,

    /// <summary>PPP authentication of a subscriber failed.</summary>
    AuthenticationFailed,

    /// <summary>Messages of the peer of an L2TPv3 tunnel in set-up are dropped because their digests are wrong.</summary>
    DigestsFail,

    /// <summary>IKE with a peer that dials us failed: it never came to L2TP.</summary>
    IkeFailed,
}

/// <summary>Sessions that ended with their tunnel.</summary>
/// <param name="Up">How many were established.</param>
/// <param name="Sample">Names of the first of them.</param>
public sealed record EndedSessions(int Up, IReadOnlyList<string> Sample);

/// <summary>
/// One entry as it is kept: text and numbers, no engine object, because those are alive during the event only. Sentences are made when the
/// entry is read.
/// </summary>
public readonly record struct HistoryRecord
{
    public HistoryKind Kind { get; init; }

    /// <summary>Counts up over the daemon's run; given by <see cref="HistoryLog"/>.</summary>
    public long Number { get; init; }

    /// <summary>UTC ticks; given by <see cref="HistoryLog"/>.</summary>
    public long AtTicks { get; init; }

    public string Name { get; init; }

    /// <summary>Name of a session's tunnel.</summary>
    public string? Tunnel { get; init; }

    /// <summary>The user of a session, if it was known.</summary>
    public string? User { get; init; }

    /// <summary>Name of the peer profile.</summary>
    public string? Peer { get; init; }

    public string? HostName { get; init; }

    public Endpoint Remote { get; init; }

    /// <summary>Our id; 0 if there is none.</summary>
    public uint TunnelId { get; init; }

    public uint SessionId { get; init; }

    /// <summary>The peer's id of what ended; 0 if it was not learned.</summary>
    public uint PeerId { get; init; }

    /// <summary>How long it was established, ms; -1 if it never was.</summary>
    public long UpMilliseconds { get; init; }

    /// <summary>Sessions that ended with the tunnel.</summary>
    public int Sessions { get; init; }

    /// <summary>Of a tunnel that ended with many sessions; <c>null</c> if each of them has an entry in the whole list.</summary>
    public EndedSessions? Ended { get; init; }

    /// <summary><c>null</c> for refusals.</summary>
    public EndReason? Reason { get; init; }

    /// <summary>Of a refusal.</summary>
    public ResultCode? Refusal { get; init; }

    /// <summary>Of a refusal or a failed look-up, in words.</summary>
    public string? RefusalText { get; init; }

    /// <summary>
    /// An incoming tunnel that was never established. These have a ring of their own, because anyone can cause thousands.
    /// </summary>
    public bool IsHalfOpenEnd { get; init; }
}
