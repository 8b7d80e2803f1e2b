using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Events;

/// <summary>Why a tunnel or session ended: enough to answer the operator's question without a packet capture.</summary>
public sealed record EndReason
{
    public required EndCause Cause { get; init; }

    /// <summary>In words, for the log and history; a full sentence without the codes.</summary>
    public required string Text { get; init; }

    /// <summary>A session ended because its tunnel did: <see cref="TunnelEnded"/> follows with the reason.</summary>
    public bool IsOfTunnel { get; init; }

    /// <summary>Result code sent or received; null when none was.</summary>
    public ResultCode? Result { get; init; }

    /// <summary>True when the peer sent <see cref="Result"/>.</summary>
    public bool ResultFromPeer { get; init; }

    /// <summary>True when <see cref="Result"/> is of a CDN, false of a StopCCN.</summary>
    public bool ResultIsCdn { get; init; }

    /// <summary>RFC 3145 cause received or sent with a CDN.</summary>
    public PppDisconnectCause? PppCause { get; init; }

    public Q931Cause? Q931Cause { get; init; }

    /// <summary>The message that was never acknowledged (retransmission exhausted).</summary>
    public MessageType? UnansweredMessage { get; init; }

    /// <summary>How often it was sent, the first time included.</summary>
    public int Transmissions { get; init; }

    /// <summary>Over how long, from the first transmission on.</summary>
    public TimeSpan UnansweredFor { get; init; }

    /// <summary>What may be behind it, a clause for the operator; null: nothing is known.</summary>
    public string? Hint { get; init; }

    /// <summary>The last error the socket reported for this peer; null: none.</summary>
    public string? LastSocketError { get; init; }
}

/// <summary>The kinds of end.</summary>
public enum EndCause
{
    /// <summary>An operator command or configuration change here.</summary>
    Administrative,

    /// <summary>This daemon is shutting down.</summary>
    ShutDown,

    /// <summary>The peer sent StopCCN or CDN.</summary>
    ClosedByPeer,

    /// <summary>A message was retransmitted to exhaustion.</summary>
    PeerUnreachable,

    /// <summary>Not established within the guard time.</summary>
    SetupTimeout,

    /// <summary>Tunnel authentication failed.</summary>
    AuthenticationFailed,

    /// <summary>The peer broke the protocol (state machine or message format).</summary>
    ProtocolError,

    /// <summary>Lost or equal tie breaker.</summary>
    TieBreaker,

    /// <summary>A limit was reached.</summary>
    LimitReached,

    /// <summary>The data plane could not be set up or broke.</summary>
    DataPlane,

    /// <summary>PPP ended.</summary>
    Ppp,

    /// <summary>The peer refused the credentials that we gave in PPP: user or password is wrong, or the account is closed.</summary>
    CredentialsRefused,

    /// <summary>The session's tunnel ended.</summary>
    TunnelEnded,

    /// <summary>
    /// The peer came back: this is its earlier incarnation's tunnel (under the same address and id), or pseudowire (the same Remote End
    /// ID).
    /// </summary>
    Replaced,

    /// <summary>No socket could be had.</summary>
    Transport,
}
