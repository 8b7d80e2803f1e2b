using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Avps;

namespace L2tpd.Operations.History;

/// <summary>What an entry is about.</summary>
public enum HistoryKind : byte
{
    TunnelEnded,
    SessionEnded,
    TunnelRefused,
    SessionRefused,

    /// <summary>The name of an LNS did not resolve.</summary>
    LookupFailed,

    /// <summary>The other end of a static tunnel no longer answers.</summary>
    PeerSilent,

    /// <summary>A subscriber's proof of itself was refused.</summary>
    AuthenticationFailed,

    /// <summary>The messages of the peer of an L2TPv3 tunnel that is being set up are dropped for their digests.</summary>
    DigestsFail,
}

/// <summary>The sessions that a tunnel took along.</summary>
/// <param name="Up">How many were established.</param>
/// <param name="Sample">Names of the first of them.</param>
public sealed record EndedSessions(int Up, IReadOnlyList<string> Sample);

/// <summary>
/// One entry as it is kept: references and numbers only, no engine object (those are alive during the event only). Words
/// are made when somebody asks.
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

    /// <summary>Name of the peer profile.</summary>
    public string? Peer { get; init; }

    public string? HostName { get; init; }

    public Endpoint Remote { get; init; }

    /// <summary>Our ids, 0: none.</summary>
    public uint TunnelId { get; init; }

    public uint SessionId { get; init; }

    /// <summary>The peer's id of what ended, 0: not learned.</summary>
    public uint PeerId { get; init; }

    /// <summary>How long it was established, ms; -1: never.</summary>
    public long UpMilliseconds { get; init; }

    /// <summary>Sessions that ended with the tunnel.</summary>
    public int Sessions { get; init; }

    /// <summary>Of a tunnel that ended with many sessions; null: each has an entry in the whole list.</summary>
    public EndedSessions? Ended { get; init; }

    /// <summary>Null for refusals.</summary>
    public EndReason? Reason { get; init; }

    /// <summary>Of a refusal.</summary>
    public ResultCode? Refusal { get; init; }

    /// <summary>Of a refusal or a failed look-up, in words.</summary>
    public string? RefusalText { get; init; }

    /// <summary>An incoming tunnel that never got further than half-open: kept apart, for anyone can make thousands of them.</summary>
    public bool IsHalfOpenEnd { get; init; }
}
