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
    /// An SCCRQ with our own tie breaker that may be a copy of ours: reflected, or unsigned although there is a secret (ADR 71).
    /// </summary>
    SccrqCopiedTie,

    /// <summary>The tunnel of the SCCRQ that won the tie is established: its sender is the peer (ADR 71).</summary>
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

    /// <summary>A message was retransmitted to exhaustion, or nothing listens at the peer's port.</summary>
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
        TunnelState state, TunnelEvent @event, ProtocolVersion version) => (state, @event) switch
    {
        // RFC 2661 section 7.2.1, idle.
        (Idle, LocalOpen) => (WaitCtlReply, SendSccrq),
        (Idle, SccrqAcceptable) => (WaitCtlConn, SendSccrp),
        (Idle, SccrqNotAcceptable) => (Idle, StopCcnAndClean),
        (Idle, SccrpAcceptable or SccrpNotAcceptable) => (Idle, StopCcnAndClean),
        // RFC 2661: clean up only; RFC 3931 section 7.2: StopCCN as well.
        (Idle, ScccnAcceptable or ScccnNotAcceptable) => (Idle, version == ProtocolVersion.V3 ? StopCcnAndClean : Clean),
        // A tie needs an SCCRQ of ours outstanding (RFC 2661 section 4.4.3): cannot happen.
        (Idle, SccrqLoseTie or SccrqWinTie or SccrqEqualTie or SccrqCopiedTie) => (Idle, None),
        // A tunnel of ours whose socket is still being opened: the peer knows nothing of it.
        (Idle, AdminClose or SetupTimeout or TieLost) => (Idle, Clean),

        // RFC 2661 section 7.2.1, wait-ctl-reply.
        (WaitCtlReply, LocalOpen) => (WaitCtlReply, None),
        // No tie to settle: the SCCRQ is of a tunnel of its own, both proceed (RFC 2661 section 4.4.3).
        (WaitCtlReply, SccrqAcceptable or SccrqNotAcceptable) => (WaitCtlReply, None),
        // RFC 2661: clean up and re-queue the SCCRQ for idle. ADR 71: clean up only when its sender has proved to be the peer.
        (WaitCtlReply, SccrqLoseTie) => (WaitCtlReply, RequeueSccrq),
        (WaitCtlReply, TieLost) => (Idle, Clean),
        // RFC 2661: the SCCRQ is ignored; RFC 3931 section 7.2: StopCCN for it.
        (WaitCtlReply, SccrqWinTie) => (WaitCtlReply, version == ProtocolVersion.V3 ? RefuseSccrq : None),
        // RFC 2661 section 5.8: both ends drop their attempts and try again with new values.
        (WaitCtlReply, SccrqEqualTie) => (Idle, Clean),
        // ADR 71: a copy of our SCCRQ must not end it.
        (WaitCtlReply, SccrqCopiedTie) => (WaitCtlReply, None),
        (WaitCtlReply, SccrpAcceptable) => (Established, SendScccnAndOpen),
        (WaitCtlReply, SccrpNotAcceptable) => (Idle, StopCcnAndClean),
        (WaitCtlReply, ScccnAcceptable or ScccnNotAcceptable) => (Idle, StopCcnAndClean),

        // RFC 2661 section 7.2.1, wait-ctl-conn. We sent no SCCRQ, so an SCCRQ in the tunnel is one out of place.
        (WaitCtlConn, LocalOpen) => (WaitCtlConn, None),
        (WaitCtlConn, SccrqAcceptable or SccrqNotAcceptable) => (Idle, StopCcnAndClean),
        (WaitCtlConn, SccrqLoseTie or SccrqWinTie or SccrqEqualTie or SccrqCopiedTie) => (Idle, StopCcnAndClean),
        (WaitCtlConn, SccrpAcceptable or SccrpNotAcceptable) => (Idle, StopCcnAndClean),
        (WaitCtlConn, ScccnAcceptable) => (Established, Open),
        (WaitCtlConn, ScccnNotAcceptable) => (Idle, StopCcnAndClean),
        (WaitCtlConn, Evicted) => (Idle, Forget),

        // The setup guard is ours (l2tpv2.md section 13): the RFC's tables carry no timers.
        (WaitCtlReply or WaitCtlConn, SetupTimeout) => (Idle, StopCcnAndClean),

        // RFC 2661 section 7.2.1, established. RFC 2661 sends tunnel-open to waiting sessions; none waits once the tunnel is up.
        (Established, LocalOpen) => (Established, None),
        (Established, SccrqAcceptable or SccrqNotAcceptable) => (Idle, StopCcnAndClean),
        (Established, SccrqLoseTie or SccrqWinTie or SccrqEqualTie or SccrqCopiedTie) => (Idle, StopCcnAndClean),
        (Established, SccrpAcceptable or SccrpNotAcceptable) => (Idle, StopCcnAndClean),
        (Established, ScccnAcceptable or ScccnNotAcceptable) => (Idle, StopCcnAndClean),
        // A guard that fires late found the tunnel open.
        (Established, SetupTimeout) => (Established, None),

        // ADR 71: ours was established first and goes on. In wait-ctl-conn it is not ours: cannot happen.
        (WaitCtlConn or Established, TieLost) => (state, None),
        // RFC 2661 section 7.2.1 names administrative close for established only; a tunnel being set up closes the same way.
        (WaitCtlReply or WaitCtlConn or Established, AdminClose) => (Idle, StopCcnAndClean),
        // Only tunnels that wait for SCCCN are evicted: cannot happen.
        (Idle or WaitCtlReply or Established, Evicted) => (state, None),

        // RFC 2661 sections 5.7 and 7.2.1, any state.
        (_, StopCcn) => (Idle, AckAndClean),
        // RFC 2661 section 5.8, any state.
        (_, RetransmitExhausted) => (Idle, Clean),
        // ADR 3, any state: a StopCCN would reach the new tunnel, which has the same id at the peer.
        (_, Replaced) => (Idle, Clean),

        _ => throw new UnreachableException(),
    };
}
