using System.Diagnostics;
using L2tpd.Protocol;
using static L2tpd.Engine.ControlConnections.TunnelAction;
using static L2tpd.Engine.ControlConnections.TunnelEvent;
using static L2tpd.Engine.ControlConnections.TunnelState;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// The state machine of the control connection, both roles (RFC 2661 section 7.2.1, RFC 3931 section 3.3 and 7.2,
/// l2tpv2.md section 9, l2tpv3.md section 9). A pure function; duplicates never get here, the reliable channel has taken them.
/// </summary>
public static class TunnelFsm
{
    /// <summary>The transition that <paramref name="event"/> makes in <paramref name="state"/>. Defined for every pair.</summary>
    public static (TunnelState Next, TunnelAction Action) Next(TunnelState state, TunnelEvent @event, ProtocolVersion version) => (state, @event) switch
    {
        // RFC 2661 section 7.2.1, idle.
        (Idle, LocalOpen) => (WaitCtlReply, SendSccrq),
        (Idle, SccrqAcceptable) => (WaitCtlConn, SendSccrp),
        (Idle, SccrqNotAcceptable) => (Idle, StopCcnAndClean),
        // A tie needs an SCCRQ of ours outstanding (RFC 2661 section 4.4.3): cannot happen.
        (Idle, SccrqLoseTie or SccrqWinTie or SccrqEqualTie) => (Idle, IgnoreMessage),
        (Idle, SccrpAcceptable or SccrpNotAcceptable) => (Idle, StopCcnAndClean),
        // RFC 2661: clean up only; RFC 3931 section 7.2: StopCCN as well.
        (Idle, ScccnAcceptable or ScccnNotAcceptable) => (Idle, version == ProtocolVersion.V3 ? StopCcnAndClean : Clean),
        (Idle, AdminClose or SetupTimeout) => (Idle, None),

        // RFC 2661 section 7.2.1, wait-ctl-reply.
        (WaitCtlReply, LocalOpen) => (WaitCtlReply, None),
        // No tie to settle: the SCCRQ is a tunnel of its own, both proceed (RFC 2661 section 4.4.3).
        (WaitCtlReply, SccrqAcceptable or SccrqNotAcceptable) => (WaitCtlReply, IgnoreMessage),
        // Acceptable or not is then judged in idle; RFC 3931 section 7.2 lists both outcomes separately, with the same result.
        (WaitCtlReply, SccrqLoseTie) => (Idle, DropOwnAndRestart),
        // RFC 2661: the SCCRQ is ignored; RFC 3931 section 7.2: StopCCN for it.
        (WaitCtlReply, SccrqWinTie) => (WaitCtlReply, version == ProtocolVersion.V3 ? RefuseSccrq : IgnoreMessage),
        (WaitCtlReply, SccrqEqualTie) => (Idle, DropBoth),
        (WaitCtlReply, SccrpAcceptable) => (Established, SendScccnAndOpen),
        (WaitCtlReply, SccrpNotAcceptable) => (Idle, StopCcnAndClean),
        (WaitCtlReply, ScccnAcceptable or ScccnNotAcceptable) => (Idle, StopCcnAndClean),

        // RFC 2661 section 7.2.1, wait-ctl-conn. We sent no SCCRQ, so any SCCRQ is one out of place.
        (WaitCtlConn, LocalOpen) => (WaitCtlConn, None),
        (WaitCtlConn, SccrqAcceptable or SccrqNotAcceptable or SccrqLoseTie or SccrqWinTie or SccrqEqualTie) => (Idle, StopCcnAndClean),
        (WaitCtlConn, SccrpAcceptable or SccrpNotAcceptable) => (Idle, StopCcnAndClean),
        (WaitCtlConn, ScccnAcceptable) => (Established, Open),
        (WaitCtlConn, ScccnNotAcceptable) => (Idle, StopCcnAndClean),

        // The setup guard is ours (l2tpv2.md section 13): the RFC's tables carry no timers.
        (WaitCtlReply or WaitCtlConn, SetupTimeout) => (Idle, StopCcnAndClean),

        // RFC 2661 section 7.2.1, established.
        (Established, LocalOpen) => (Established, Open),
        (Established, SccrqAcceptable or SccrqNotAcceptable or SccrqLoseTie or SccrqWinTie or SccrqEqualTie) => (Idle, StopCcnAndClean),
        (Established, SccrpAcceptable or SccrpNotAcceptable) => (Idle, StopCcnAndClean),
        (Established, ScccnAcceptable or ScccnNotAcceptable) => (Idle, StopCcnAndClean),
        // A guard that fires late found the tunnel open.
        (Established, SetupTimeout) => (Established, None),

        // RFC 2661 section 7.2.1 names administrative close for established only; a tunnel being set up closes the same way.
        (WaitCtlReply or WaitCtlConn or Established, AdminClose) => (Idle, StopCcnAndClean),
        // RFC 2661 sections 5.7 and 7.2.1, any state.
        (_, StopCcn) => (Idle, AckAndClean),
        // RFC 2661 section 5.8, any state.
        (_, RetransmitExhausted) => (Idle, Clean),

        _ => throw new UnreachableException(),
    };
}
