using System.Diagnostics;
using static L2tpd.Engine.Calls.CallAction;
using static L2tpd.Engine.Calls.CallEvent;
using static L2tpd.Engine.Calls.SessionState;

namespace L2tpd.Engine.Calls;

/// <summary>The incoming call at the side that sends ICRQ (RFC 2661 section 7.4.1, RFC 3931 section 7.3.1, l2tpv2.md section 10).</summary>
public static class IncomingLacFsm
{
    /// <summary>The transition that <paramref name="event"/> makes in <paramref name="state"/>. Defined for every pair.</summary>
    public static (SessionState Next, CallAction Action) Next(SessionState state, CallEvent @event) => (state, @event) switch
    {
        // RFC 2661 section 7.4.1, idle.
        (Idle, LocalOpen) => (WaitTunnel, RequestTunnel),
        (Idle, ReplyAcceptable or ReplyNotAcceptable or ConnectedAcceptable or ConnectedNotAcceptable or Cdn) => (Idle, Clean),
        // An ICRQ starts a recipient's machine, never this one: cannot happen.
        (Idle, RequestAcceptable or RequestNotAcceptable or RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, Ignore),
        (Idle, TunnelOpen or BearerAnswered or BearerFailed or LocalClose or SetupTimeout or TunnelLost) => (Idle, None),

        // RFC 2661 section 7.4.1, wait-tunnel. Nothing was sent yet, so there is nobody to send a CDN to.
        (WaitTunnel, TunnelOpen) => (WaitReply, SendRequest),
        (WaitTunnel, BearerFailed or LocalClose or SetupTimeout or TunnelLost) => (Idle, Clean),
        (WaitTunnel, LocalOpen or BearerAnswered) => (WaitTunnel, None),
        // The peer knows no session of ours yet: cannot happen.
        (WaitTunnel, _) => (WaitTunnel, Ignore),

        // RFC 2661 section 7.4.1, wait-reply.
        (WaitReply, ReplyAcceptable) => (Established, SendConnectedAndEstablish),
        (WaitReply, ReplyNotAcceptable) => (Idle, CdnAndClean),
        (WaitReply, RequestAcceptable or RequestNotAcceptable) => (Idle, CdnAndClean),
        (WaitReply, Cdn or ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, Clean),
        (WaitReply, LocalClose or BearerFailed or SetupTimeout) => (Idle, CdnAndClean),
        // RFC 3931 section 7.3.1 and 5.4.4 (Session Tie Breaker).
        (WaitReply, RequestLoseTie) => (Idle, DropOwnAndRestart),
        (WaitReply, RequestWinTie) => (WaitReply, RefuseRequest),
        (WaitReply, RequestEqualTie) => (Idle, DropBoth),
        (WaitReply, LocalOpen or TunnelOpen or BearerAnswered) => (WaitReply, None),
        (WaitReply, TunnelLost) => (Idle, Clean),

        // RFC 2661 section 7.4.1, established.
        (Established, Cdn or TunnelLost) => (Idle, Clean),
        (Established, RequestAcceptable or RequestNotAcceptable or RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, CdnAndClean),
        (Established, ReplyAcceptable or ReplyNotAcceptable or ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, CdnAndClean),
        (Established, BearerFailed or LocalClose) => (Idle, CdnAndClean),
        // The last one: a guard that fires late found the call up.
        (Established, LocalOpen or TunnelOpen or BearerAnswered or SetupTimeout) => (Established, None),

        // States of other machines: cannot happen.
        (WaitConnect or WaitCsAnswer, _) => (Idle, Clean),

        _ => throw new UnreachableException(),
    };
}
