using System.Diagnostics;
using static L2tpd.Engine.Calls.CallAction;
using static L2tpd.Engine.Calls.CallEvent;
using static L2tpd.Engine.Calls.SessionState;

namespace L2tpd.Engine.Calls;

/// <summary>The outgoing call at the side that answers OCRQ and calls out (RFC 2661 section 7.5.1, RFC 3931 section 7.4.2, l2tpv2.md section 13).</summary>
public static class OutgoingLacFsm
{
    /// <summary>The transition that <paramref name="event"/> makes in <paramref name="state"/>. Defined for every pair.</summary>
    public static (SessionState Next, CallAction Action) Next(SessionState state, CallEvent @event) => (state, @event) switch
    {
        // RFC 2661 section 7.5.1, idle.
        (Idle, RequestAcceptable) => (WaitCsAnswer, SendReplyAndOpenBearer),
        (Idle, RequestNotAcceptable) => (Idle, CdnAndClean),
        (Idle, ReplyAcceptable or ReplyNotAcceptable) => (Idle, CdnAndClean),
        (Idle, ConnectedAcceptable or ConnectedNotAcceptable or Cdn) => (Idle, Clean),
        // The recipient has no request of its own to compare with: cannot happen.
        (Idle, RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, Ignore),
        (Idle, LocalOpen or TunnelOpen or BearerAnswered or BearerFailed or LocalClose or SetupTimeout or TunnelLost) => (Idle, None),

        // RFC 2661 section 7.5.1, wait-cs-answer; local close is RFC 3931's (section 7.4.2) and right for both.
        (WaitCsAnswer, BearerAnswered) => (Established, SendConnectedAndEstablish),
        (WaitCsAnswer, BearerFailed or SetupTimeout or LocalClose) => (Idle, CdnAndClean),

        // RFC 2661 section 7.5.1, established. A guard that fires late found the call up.
        (Established, BearerFailed or LocalClose) => (Idle, CdnAndClean),
        (Established, BearerAnswered or SetupTimeout) => (Established, None),

        // RFC 2661 section 7.5.1, wait-cs-answer and established alike.
        (WaitCsAnswer or Established, RequestAcceptable or RequestNotAcceptable) => (Idle, CdnAndClean),
        (WaitCsAnswer or Established, RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, CdnAndClean),
        (WaitCsAnswer or Established, ReplyAcceptable or ReplyNotAcceptable) => (Idle, CdnAndClean),
        (WaitCsAnswer or Established, ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, CdnAndClean),
        (WaitCsAnswer or Established, Cdn) => (Idle, ReleaseBearerAndClean),
        // No word reaches the peer any more; the line would stay up otherwise.
        (WaitCsAnswer or Established, TunnelLost) => (Idle, ReleaseBearerAndClean),
        (WaitCsAnswer or Established, LocalOpen or TunnelOpen) => (state, None),

        // States of other machines: cannot happen.
        (WaitTunnel or WaitReply or WaitConnect, _) => (Idle, Clean),

        _ => throw new UnreachableException(),
    };
}
