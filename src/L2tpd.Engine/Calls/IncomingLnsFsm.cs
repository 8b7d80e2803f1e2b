using System.Diagnostics;
using static L2tpd.Engine.Calls.CallAction;
using static L2tpd.Engine.Calls.CallEvent;
using static L2tpd.Engine.Calls.SessionState;

namespace L2tpd.Engine.Calls;

/// <summary>The incoming call at the side that answers ICRQ (RFC 2661 section 7.4.2, RFC 3931 section 7.3.2, l2tpv2.md section 11).</summary>
public static class IncomingLnsFsm
{
    /// <summary>The transition that <paramref name="event"/> makes in <paramref name="state"/>. Defined for every pair.</summary>
    public static (SessionState Next, CallAction Action) Next(SessionState state, CallEvent @event) => (state, @event) switch
    {
        // RFC 2661 section 7.4.2, idle.
        (Idle, RequestAcceptable) => (WaitConnect, SendReply),
        (Idle, RequestNotAcceptable) => (Idle, CdnAndClean),
        (Idle, ReplyAcceptable or ReplyNotAcceptable) => (Idle, CdnAndClean),
        (Idle, ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, Clean),
        // The recipient has no request of its own to compare with: cannot happen.
        (Idle, RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, Ignore),
        // The recipient opens no call and has no bearer (RFC 2661 section 7.4.2 knows no such events).
        (Idle, LocalOpen or TunnelOpen or BearerAnswered or BearerFailed or LocalClose or SetupTimeout or TunnelLost) => (Idle, None),

        // RFC 2661 section 7.4.2, wait-connect.
        (WaitConnect, ConnectedAcceptable) => (Established, Establish),
        (WaitConnect, ConnectedNotAcceptable) => (Idle, CdnAndClean),

        // RFC 2661 section 7.4.2, established. A guard that fires late found the call up.
        (Established, ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, CdnAndClean),
        (Established, SetupTimeout) => (Established, None),

        // RFC 2661 section 7.4.2, wait-connect and established alike.
        (WaitConnect or Established, RequestAcceptable or RequestNotAcceptable) => (Idle, CdnAndClean),
        (WaitConnect or Established, RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, CdnAndClean),
        (WaitConnect or Established, ReplyAcceptable or ReplyNotAcceptable) => (Idle, CdnAndClean),
        (WaitConnect or Established, LocalClose) => (Idle, CdnAndClean),
        (WaitConnect, SetupTimeout) => (Idle, CdnAndClean),
        (WaitConnect or Established, TunnelLost) => (Idle, Clean),
        (WaitConnect or Established, LocalOpen or TunnelOpen or BearerAnswered or BearerFailed) => (state, None),

        // RFC 2661 section 7.4.2, any state.
        (Idle or WaitConnect or Established, Cdn) => (Idle, Clean),

        // States of other machines: cannot happen.
        (WaitTunnel or WaitReply or WaitCsAnswer, _) => (Idle, Clean),

        _ => throw new UnreachableException(),
    };
}
