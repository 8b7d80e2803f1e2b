using System.Diagnostics;
using static L2tpd.Engine.Calls.CallAction;
using static L2tpd.Engine.Calls.CallEvent;
using static L2tpd.Engine.Calls.SessionState;

namespace L2tpd.Engine.Calls;

/// <summary>The outgoing call at the side that sends OCRQ (RFC 2661 section 7.5.2, RFC 3931 section 7.4.1, l2tpv2.md section 12).</summary>
public static class OutgoingLnsFsm
{
    /// <summary>The transition that <paramref name="event"/> makes in <paramref name="state"/>. Defined for every pair.</summary>
    public static (SessionState Next, CallAction Action) Next(SessionState state, CallEvent @event) => (state, @event) switch
    {
        // RFC 2661 section 7.5.2, idle.
        (Idle, LocalOpen) => (WaitTunnel, RequestTunnel),
        (Idle, ReplyAcceptable or ReplyNotAcceptable or ConnectedAcceptable or ConnectedNotAcceptable or Cdn) => (Idle, Clean),
        // An OCRQ starts a recipient's machine, never this one: cannot happen.
        (Idle, RequestAcceptable or RequestNotAcceptable or RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, Ignore),
        (Idle, TunnelOpen or BearerAnswered or BearerFailed or LocalClose or SetupTimeout or TunnelLost) => (Idle, None),

        // RFC 2661 section 7.5.2, wait-tunnel. Nothing was sent yet, so there is nobody to send a CDN to.
        (WaitTunnel, TunnelOpen) => (WaitReply, SendRequest),
        (WaitTunnel, LocalClose or SetupTimeout or TunnelLost) => (Idle, Clean),
        (WaitTunnel, LocalOpen or BearerAnswered or BearerFailed) => (WaitTunnel, None),
        // The peer knows no session of ours yet: cannot happen.
        (WaitTunnel, _) => (WaitTunnel, Ignore),

        // RFC 2661 section 7.5.2, wait-reply.
        (WaitReply, ReplyAcceptable) => (WaitConnect, None),
        (WaitReply, ReplyNotAcceptable) => (Idle, CdnAndClean),
        (WaitReply, ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, CdnAndClean),
        // RFC 3931 sections 7.4.1 and 5.4.4 (Session Tie Breaker).
        (WaitReply, RequestLoseTie) => (Idle, DropOwnAndRestart),
        (WaitReply, RequestWinTie) => (WaitReply, RefuseRequest),
        (WaitReply, RequestEqualTie) => (Idle, DropBoth),

        // RFC 2661 section 7.5.2, wait-connect.
        (WaitConnect, ConnectedAcceptable) => (Established, Establish),
        (WaitConnect, ConnectedNotAcceptable) => (Idle, CdnAndClean),
        (WaitReply or WaitConnect, SetupTimeout) => (Idle, CdnAndClean),

        // RFC 2661 section 7.5.2, established. A guard that fires late found the call up.
        (Established, ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, CdnAndClean),
        (Established, SetupTimeout) => (Established, None),

        // RFC 2661 section 7.5.2, states with a call on the wire alike. The bearer is the other side's.
        (WaitReply or WaitConnect or Established, RequestAcceptable or RequestNotAcceptable) => (Idle, CdnAndClean),
        (WaitConnect or Established, RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, CdnAndClean),
        (WaitConnect or Established, ReplyAcceptable or ReplyNotAcceptable) => (Idle, CdnAndClean),
        (WaitReply or WaitConnect or Established, LocalClose) => (Idle, CdnAndClean),
        (WaitReply or WaitConnect or Established, Cdn or TunnelLost) => (Idle, Clean),
        (WaitReply or WaitConnect or Established, LocalOpen or TunnelOpen or BearerAnswered or BearerFailed) => (state, None),

        // A state of another machine: cannot happen.
        (WaitCsAnswer, _) => (Idle, Clean),

        _ => throw new UnreachableException(),
    };
}
