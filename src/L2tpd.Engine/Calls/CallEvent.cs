namespace L2tpd.Engine.Calls;

/// <summary>
/// What happens to a call (RFC 2661 sections 7.4 and 7.5). One set for all four machines: a request is the ICRQ of an
/// incoming or the OCRQ of an outgoing call, a reply ICRP or OCRP, connected ICCN or OCCN. The caller has judged the message already.
/// </summary>
public enum CallEvent
{
    /// <summary>Somebody here wants the call: a bearer rings, a dialled session, the operator.</summary>
    LocalOpen,

    /// <summary>The tunnel is established.</summary>
    TunnelOpen,

    RequestAcceptable,
    RequestNotAcceptable,

    /// <summary>v3: a request for the Remote End ID we just asked for ourselves, with a lower tie breaker than ours.</summary>
    RequestLoseTie,

    /// <summary>v3: the same, with a higher tie breaker than ours.</summary>
    RequestWinTie,

    /// <summary>v3: the same, with an equal tie breaker, or neither side sent one.</summary>
    RequestEqualTie,

    ReplyAcceptable,
    ReplyNotAcceptable,
    ConnectedAcceptable,
    ConnectedNotAcceptable,

    /// <summary>The called line was answered and its framing detected.</summary>
    BearerAnswered,

    /// <summary>The line could not be had, or was lost.</summary>
    BearerFailed,

    /// <summary>This side ends the call: operator, PPP, configuration, data plane.</summary>
    LocalClose,

    /// <summary>The peer sent CDN.</summary>
    Cdn,

    /// <summary>The guard timer of the setup expired (ours, not the RFC's).</summary>
    SetupTimeout,

    /// <summary>The tunnel of the call has ended, however it did.</summary>
    TunnelLost,
}
