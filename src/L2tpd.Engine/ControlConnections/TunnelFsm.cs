using System.Diagnostics;
using L2tpd.Protocol;
using static L2tpd.Engine.ControlConnections.TunnelAction;
using static L2tpd.Engine.ControlConnections.TunnelEvent;
using static L2tpd.Engine.ControlConnections.TunnelState;

namespace L2tpd.Engine.ControlConnections;

/// <summary>States of the control connection (RFC 2661 section 7.2.1, l2tpv2.md section 9).</summary>
public enum TunnelState
{
    Idle,
    WaitCtlReply,
    WaitCtlConn,
    Established,
}

/// <summary>
/// What happens to a control connection (RFC 2661 section 7.2.1). The caller has judged the message already: acceptable or not, and who
/// wins a tie. <see cref="TieLost"/>, <see cref="SccrqCopiedTie"/>, <see cref="SetupTimeout"/>, <see cref="Replaced"/> and
/// <see cref="Evicted"/> are ours, all others are the RFC's.
/// </summary>
public enum TunnelEvent
{
    /// <summary>A configured tunnel is dialled: its socket is open.</summary>
    LocalOpen,

    /// <summary>An acceptable SCCRQ, no tie to settle.</summary>
    SccrqAcceptable,

    /// <summary>An SCCRQ refused for its version, authorisation or contents, or for a limit.</summary>
    SccrqNotAcceptable,

    /// <summary>An acceptable SCCRQ of the peer that we are dialling, whose tie breaker is lower than ours.</summary>
    SccrqLoseTie,

    /// <summary>An SCCRQ of the peer that we are dialling, whose tie breaker is higher than ours.</summary>
    SccrqWinTie,

    /// <summary>An acceptable SCCRQ of the peer that we are dialling, with the same tie breaker.</summary>
    SccrqEqualTie,

    /// <summary>
    /// An SCCRQ with our own tie breaker that may be a copy of ours: reflected, or unsigned although there is a secret (ADR 4).
    /// </summary>
    SccrqCopiedTie,

    /// <summary>The tunnel of the SCCRQ that won the tie is established: its sender is the peer (ADR 4).</summary>
    TieLost,

    SccrpAcceptable,
    SccrpNotAcceptable,
    ScccnAcceptable,
    ScccnNotAcceptable,

    /// <summary>The operator, a configuration change, a failure here or the shutdown ends the tunnel.</summary>
    AdminClose,

    /// <summary>The peer sent StopCCN.</summary>
    StopCcn,

    /// <summary>The guard timer of the setup expired.</summary>
    SetupTimeout,

    /// <summary>A message was retransmitted to exhaustion, nothing listens at the peer's port, or the peer is cut off.</summary>
    RetransmitExhausted,

    /// <summary>The peer started again, and its new tunnel under the same address and id is established.</summary>
    Replaced,

    /// <summary>Newer half-open tunnels need the room of this one.</summary>
    Evicted,
}

/// <summary>
/// What a transition asks for. Actions on an existing tunnel are carried out by <see cref="TunnelMachine"/>, those on an SCCRQ that has no
/// tunnel yet by <see cref="Admission.SccrqGate"/>.
/// </summary>
public enum TunnelAction
{
    /// <summary>Nothing. The reliable channel acknowledges the message all the same.</summary>
    None,

    SendSccrq,
    SendSccrp,

    /// <summary>Send SCCCN, then as <see cref="Open"/>.</summary>
    SendScccnAndOpen,

    /// <summary>Hand the tunnel to the data plane; the configured sessions that wait for it get their tunnel-open event.</summary>
    Open,

    /// <summary>
    /// Send StopCCN (the caller knows the result code), clear sessions and tunnel; reliable state stays until acknowledged.
    /// </summary>
    StopCcnAndClean,

    /// <summary>
    /// Acknowledge the peer's StopCCN, clear sessions and tunnel, and go on acknowledging it for a full retransmission cycle.
    /// </summary>
    AckAndClean,

    /// <summary>Clear sessions and tunnel; nothing is sent.</summary>
    Clean,

    /// <summary>
    /// The tie is lost: process the SCCRQ as a tunnel in idle would. Ours goes on until <see cref="TunnelEvent.TieLost"/>.
    /// </summary>
    RequeueSccrq,

    /// <summary>The tie is won (v3): answer the losing SCCRQ with a StopCCN of its own; ours goes on.</summary>
    RefuseSccrq,

    /// <summary>Forget the tunnel; nothing is sent and nothing reported. In a flood its peer does not exist.</summary>
    Forget,
}

/// <summary>
/// The state machine of the control connection, both roles (RFC 2661 section 7.2.1, RFC 3931 section 3.3 and 7.2,
/// l2tpv2.md section 9, l2tpv3.md section 9). A pure function. Duplicates do not reach it, the reliable channel drops them.
/// </summary>
public static class TunnelFsm
{
    /// <summary>The transition that <paramref name="event"/> makes in <paramref name="state"/>. Defined for every pair.</summary>
    public static (TunnelState Next, TunnelAction Action) Next(
        TunnelState state, TunnelEvent @event, ProtocolVersion version) => @event switch
    {
        // RFC 2661 sections 5.7 and 7.2.1, any state.
        StopCcn => (Idle, AckAndClean),
        // RFC 2661 section 5.8, any state.
        RetransmitExhausted => (Idle, Clean),
        // ADR 3, any state: a StopCCN would reach the new tunnel, which has the same id at the peer.
        Replaced => (Idle, Clean),
        _ => state switch
        {
            Idle => InIdle(@event, version),
            WaitCtlReply => InWaitCtlReply(@event, version),
            WaitCtlConn => InWaitCtlConn(@event),
            Established => InEstablished(@event),
            _ => throw new UnreachableException(),
        },
    };

    /// <summary>RFC 2661 section 7.2.1, idle.</summary>
    private static (TunnelState Next, TunnelAction Action) InIdle(TunnelEvent @event, ProtocolVersion version) => @event switch
    {
        LocalOpen => (WaitCtlReply, SendSccrq),
        SccrqAcceptable => (WaitCtlConn, SendSccrp),
        SccrqNotAcceptable => (Idle, StopCcnAndClean),
        SccrpAcceptable or SccrpNotAcceptable => (Idle, StopCcnAndClean),
        // RFC 2661: clean up only; RFC 3931 section 7.2: StopCCN as well.
        ScccnAcceptable or ScccnNotAcceptable => (Idle, version == ProtocolVersion.V3 ? StopCcnAndClean : Clean),
        // A tie needs an SCCRQ of ours outstanding (RFC 2661 section 4.4.3): cannot happen.
        SccrqLoseTie or SccrqWinTie or SccrqEqualTie or SccrqCopiedTie => (Idle, None),
        // A tunnel of ours whose socket is still being opened: the peer knows nothing of it.
        AdminClose or SetupTimeout or TieLost => (Idle, Clean),
        // Only a tunnel that waits for SCCCN is evicted: cannot happen.
        Evicted => (Idle, None),
        _ => throw new UnreachableException(),
    };

    /// <summary>RFC 2661 section 7.2.1, wait-ctl-reply.</summary>
    private static (TunnelState Next, TunnelAction Action) InWaitCtlReply(TunnelEvent @event, ProtocolVersion version) => @event switch
    {
        LocalOpen => (WaitCtlReply, None),
        SccrpAcceptable => (Established, SendScccnAndOpen),
        SccrpNotAcceptable => (Idle, StopCcnAndClean),
        ScccnAcceptable or ScccnNotAcceptable => (Idle, StopCcnAndClean),
        // No tie to settle: the SCCRQ is of a tunnel of its own, both proceed (RFC 2661 section 4.4.3).
        SccrqAcceptable or SccrqNotAcceptable => (WaitCtlReply, None),
        // RFC 2661: clean up and re-queue the SCCRQ for idle. ADR 4: clean up only when its sender has proved to be the peer.
        SccrqLoseTie => (WaitCtlReply, RequeueSccrq),
        TieLost => (Idle, Clean),
        // RFC 2661: the SCCRQ is ignored; RFC 3931 section 7.2: StopCCN for it.
        SccrqWinTie => (WaitCtlReply, version == ProtocolVersion.V3 ? RefuseSccrq : None),
        // RFC 2661 section 5.8: both ends drop their attempts and try again with new values.
        SccrqEqualTie => (Idle, Clean),
        // ADR 4: a copy of our SCCRQ must not end it.
        SccrqCopiedTie => (WaitCtlReply, None),
        // The RFC names administrative close for established only, and has no timers (l2tpv2.md section 13): the setup guard is ours.
        AdminClose or SetupTimeout => (Idle, StopCcnAndClean),
        // Only a tunnel that waits for SCCCN is evicted: cannot happen.
        Evicted => (WaitCtlReply, None),
        _ => throw new UnreachableException(),
    };

    /// <summary>RFC 2661 section 7.2.1, wait-ctl-conn. We sent no SCCRQ, so an SCCRQ in the tunnel is one out of place.</summary>
    private static (TunnelState Next, TunnelAction Action) InWaitCtlConn(TunnelEvent @event) => @event switch
    {
        LocalOpen => (WaitCtlConn, None),
        ScccnAcceptable => (Established, Open),
        ScccnNotAcceptable => (Idle, StopCcnAndClean),
        SccrqAcceptable or SccrqNotAcceptable => (Idle, StopCcnAndClean),
        SccrqLoseTie or SccrqWinTie or SccrqEqualTie or SccrqCopiedTie => (Idle, StopCcnAndClean),
        SccrpAcceptable or SccrpNotAcceptable => (Idle, StopCcnAndClean),
        // As in wait-ctl-reply.
        AdminClose or SetupTimeout => (Idle, StopCcnAndClean),
        Evicted => (Idle, Forget),
        // The tunnel is not of ours: cannot happen.
        TieLost => (WaitCtlConn, None),
        _ => throw new UnreachableException(),
    };

    /// <summary>RFC 2661 section 7.2.1, established.</summary>
    private static (TunnelState Next, TunnelAction Action) InEstablished(TunnelEvent @event) => @event switch
    {
        // RFC 2661 sends tunnel-open to waiting sessions; none waits once the tunnel is up.
        LocalOpen => (Established, None),
        AdminClose => (Idle, StopCcnAndClean),
        SccrqAcceptable or SccrqNotAcceptable => (Idle, StopCcnAndClean),
        SccrqLoseTie or SccrqWinTie or SccrqEqualTie or SccrqCopiedTie => (Idle, StopCcnAndClean),
        SccrpAcceptable or SccrpNotAcceptable => (Idle, StopCcnAndClean),
        ScccnAcceptable or ScccnNotAcceptable => (Idle, StopCcnAndClean),
        // ADR 4: ours was established first and goes on.
        TieLost => (Established, None),
        // A guard that fires late found the tunnel open.
        SetupTimeout => (Established, None),
        // Only a tunnel that waits for SCCCN is evicted: cannot happen.
        Evicted => (Established, None),
        _ => throw new UnreachableException(),
    };
}
