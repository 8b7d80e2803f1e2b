using System.Diagnostics;
using static L2tpd.Engine.Calls.CallAction;
using static L2tpd.Engine.Calls.CallEvent;
using static L2tpd.Engine.Calls.SessionState;

namespace L2tpd.Engine.Calls;

/// <summary>Which of the four call state machines a session runs.</summary>
public enum CallRole
{
    /// <summary>Sends ICRQ and ICCN (RFC 2661 section 7.4.1).</summary>
    IncomingLac,

    /// <summary>Answers ICRQ (RFC 2661 section 7.4.2).</summary>
    IncomingLns,

    /// <summary>Sends OCRQ (RFC 2661 section 7.5.2).</summary>
    OutgoingLns,

    /// <summary>Answers OCRQ (RFC 2661 section 7.5.1).</summary>
    OutgoingLac,
}

/// <summary>States of the four call state machines (RFC 2661 sections 7.4 and 7.5, l2tpv2.md sections 10 to 13).</summary>
public enum SessionState
{
    Idle,
    WaitTunnel,
    WaitReply,
    WaitConnect,
    WaitCsAnswer,
    Established,
}

/// <summary>
/// What happens to a call (RFC 2661 sections 7.4 and 7.5). One set for all four machines: a request is the ICRQ of an
/// incoming or the OCRQ of an outgoing call, a reply ICRP or OCRP, connected ICCN or OCCN. The caller has judged the message already.
/// </summary>
public enum CallEvent
{
    /// <summary>A configured session is to be set up.</summary>
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

    /// <summary>
    /// The called line was answered and its framing detected. The line is what the session's data go to: PPP or an interface.
    /// </summary>
    BearerAnswered,

    /// <summary>The line of the LAC was lost: PPP ended, or the data plane could not make the session.</summary>
    BearerFailed,

    /// <summary>This side ends the call: the operator, the configuration, or a message of the peer that cannot be used.</summary>
    LocalClose,

    /// <summary>The peer sent CDN.</summary>
    Cdn,

    /// <summary>The guard timer of the setup expired (ours, not the RFC's).</summary>
    SetupTimeout,

    /// <summary>The tunnel of the call has ended, however it did.</summary>
    TunnelLost,
}

/// <summary>
/// What a transition asks for. "Clean" clears the session with all it holds, its line included. Actions on an existing session are carried
/// out by <see cref="CallMachine"/>, those on a request that has no session yet by <see cref="CallReceiver"/>.
/// </summary>
public enum CallAction
{
    /// <summary>Nothing. The reliable channel acknowledges the message all the same.</summary>
    None,

    /// <summary>Ask for the tunnel; <see cref="CallEvent.TunnelOpen"/> follows once it is established.</summary>
    RequestTunnel,

    /// <summary>Send ICRQ or OCRQ.</summary>
    SendRequest,

    /// <summary>Send ICRP.</summary>
    SendReply,

    /// <summary>Send OCRP and call out.</summary>
    SendReplyAndOpenBearer,

    /// <summary>Send ICCN or OCCN; data may flow.</summary>
    SendConnectedAndEstablish,

    /// <summary>The peer's ICCN or OCCN came: data may flow.</summary>
    Establish,

    /// <summary>Send CDN (the caller knows the result code), then clean.</summary>
    CdnAndClean,

    /// <summary>Clean; nothing is sent.</summary>
    Clean,

    /// <summary>v3, the tie is lost: clean our call, then process the request as its recipient in idle would.</summary>
    RequeueRequest,

    /// <summary>v3, the tie is won: answer the losing request with a CDN of its own (result 13); our call goes on.</summary>
    RefuseRequest,
}

/// <summary>
/// The four call state machines (RFC 2661 sections 7.4 and 7.5, RFC 3931 sections 7.3 and 7.4). Pure functions, defined for every pair.
/// </summary>
public static class CallFsm
{
    /// <summary>
    /// The transition that <paramref name="event"/> makes in <paramref name="state"/> of the machine of <paramref name="role"/>.
    /// </summary>
    public static (SessionState Next, CallAction Action) Next(CallRole role, SessionState state, CallEvent @event) => role switch
    {
        CallRole.IncomingLac => IncomingLac(state, @event),
        CallRole.IncomingLns => IncomingLns(state, @event),
        CallRole.OutgoingLns => OutgoingLns(state, @event),
        CallRole.OutgoingLac => OutgoingLac(state, @event),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// The incoming call at the side that sends ICRQ (RFC 2661 section 7.4.1, RFC 3931 section 7.3.1, l2tpv2.md section 10).
    /// </summary>
    private static (SessionState Next, CallAction Action) IncomingLac(SessionState state, CallEvent @event) => (state, @event) switch
    {
        // RFC 2661 section 7.4.1, idle.
        (Idle, LocalOpen) => (WaitTunnel, RequestTunnel),
        (Idle, ReplyAcceptable or ReplyNotAcceptable or ConnectedAcceptable or ConnectedNotAcceptable or Cdn) => (Idle, Clean),
        // An ICRQ starts a recipient's machine, never this one: cannot happen.
        (Idle, RequestAcceptable or RequestNotAcceptable or RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, None),
        (Idle, TunnelOpen or BearerAnswered or BearerFailed or LocalClose or SetupTimeout or TunnelLost) => (Idle, None),

        // RFC 2661 section 7.4.1, wait-tunnel. Nothing was sent yet, so there is nobody to send a CDN to.
        (WaitTunnel, TunnelOpen) => (WaitReply, SendRequest),
        (WaitTunnel, BearerFailed or LocalClose or SetupTimeout or TunnelLost) => (Idle, Clean),
        // The peer knows no session of ours yet: none of its messages can come.
        (WaitTunnel, _) => (WaitTunnel, None),

        // RFC 2661 section 7.4.1, wait-reply.
        (WaitReply, ReplyAcceptable) => (Established, SendConnectedAndEstablish),
        (WaitReply, ReplyNotAcceptable) => (Idle, CdnAndClean),
        (WaitReply, RequestAcceptable or RequestNotAcceptable) => (Idle, CdnAndClean),
        (WaitReply, Cdn or ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, Clean),
        (WaitReply, LocalClose or BearerFailed or SetupTimeout) => (Idle, CdnAndClean),
        // RFC 3931 sections 7.3.1 and 5.4.4 (Session Tie Breaker). An equal tie ends both calls.
        (WaitReply, RequestLoseTie) => (Idle, RequeueRequest),
        (WaitReply, RequestWinTie) => (WaitReply, RefuseRequest),
        (WaitReply, RequestEqualTie) => (Idle, Clean),
        (WaitReply, LocalOpen or TunnelOpen or BearerAnswered) => (WaitReply, None),
        (WaitReply, TunnelLost) => (Idle, Clean),

        // RFC 2661 section 7.4.1, established.
        (Established, Cdn or TunnelLost) => (Idle, Clean),
        (Established, RequestAcceptable or RequestNotAcceptable) => (Idle, CdnAndClean),
        (Established, RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, CdnAndClean),
        (Established, ReplyAcceptable or ReplyNotAcceptable or ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, CdnAndClean),
        (Established, BearerFailed or LocalClose) => (Idle, CdnAndClean),
        // A setup guard that fires late found the call up.
        (Established, LocalOpen or TunnelOpen or BearerAnswered or SetupTimeout) => (Established, None),

        // States of other machines: cannot happen.
        (WaitConnect or WaitCsAnswer, _) => (Idle, Clean),

        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// The incoming call at the side that answers ICRQ (RFC 2661 section 7.4.2, RFC 3931 section 7.3.2, l2tpv2.md section 11).
    /// </summary>
    private static (SessionState Next, CallAction Action) IncomingLns(SessionState state, CallEvent @event) => (state, @event) switch
    {
        // RFC 2661 section 7.4.2, idle.
        (Idle, RequestAcceptable) => (WaitConnect, SendReply),
        (Idle, RequestNotAcceptable) => (Idle, CdnAndClean),
        (Idle, ReplyAcceptable or ReplyNotAcceptable) => (Idle, CdnAndClean),
        (Idle, ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, Clean),
        // The recipient has no request of its own to compare with: cannot happen.
        (Idle, RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, None),
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

    /// <summary>
    /// The outgoing call at the side that sends OCRQ (RFC 2661 section 7.5.2, RFC 3931 section 7.4.1, l2tpv2.md section 12).
    /// </summary>
    private static (SessionState Next, CallAction Action) OutgoingLns(SessionState state, CallEvent @event) => (state, @event) switch
    {
        // RFC 2661 section 7.5.2, idle.
        (Idle, LocalOpen) => (WaitTunnel, RequestTunnel),
        (Idle, ReplyAcceptable or ReplyNotAcceptable or ConnectedAcceptable or ConnectedNotAcceptable or Cdn) => (Idle, Clean),
        // An OCRQ starts a recipient's machine, never this one: cannot happen.
        (Idle, RequestAcceptable or RequestNotAcceptable or RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, None),
        (Idle, TunnelOpen or BearerAnswered or BearerFailed or LocalClose or SetupTimeout or TunnelLost) => (Idle, None),

        // RFC 2661 section 7.5.2, wait-tunnel. Nothing was sent yet, so there is nobody to send a CDN to.
        (WaitTunnel, TunnelOpen) => (WaitReply, SendRequest),
        (WaitTunnel, LocalClose or SetupTimeout or TunnelLost) => (Idle, Clean),
        // The peer knows no session of ours yet: none of its messages can come.
        (WaitTunnel, _) => (WaitTunnel, None),

        // RFC 2661 section 7.5.2, wait-reply.
        (WaitReply, ReplyAcceptable) => (WaitConnect, None),
        (WaitReply, ReplyNotAcceptable) => (Idle, CdnAndClean),
        (WaitReply, ConnectedAcceptable or ConnectedNotAcceptable) => (Idle, CdnAndClean),
        // RFC 3931 sections 7.4.1 and 5.4.4 (Session Tie Breaker). An equal tie ends both calls.
        (WaitReply, RequestLoseTie) => (Idle, RequeueRequest),
        (WaitReply, RequestWinTie) => (WaitReply, RefuseRequest),
        (WaitReply, RequestEqualTie) => (Idle, Clean),

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

    /// <summary>
    /// The outgoing call at the side that answers OCRQ and calls out (RFC 2661 section 7.5.1, RFC 3931 section 7.4.2,
    /// l2tpv2.md section 13).
    /// </summary>
    private static (SessionState Next, CallAction Action) OutgoingLac(SessionState state, CallEvent @event) => (state, @event) switch
    {
        // RFC 2661 section 7.5.1, idle.
        (Idle, RequestAcceptable) => (WaitCsAnswer, SendReplyAndOpenBearer),
        (Idle, RequestNotAcceptable) => (Idle, CdnAndClean),
        (Idle, ReplyAcceptable or ReplyNotAcceptable) => (Idle, CdnAndClean),
        (Idle, ConnectedAcceptable or ConnectedNotAcceptable or Cdn) => (Idle, Clean),
        // The recipient has no request of its own to compare with: cannot happen.
        (Idle, RequestLoseTie or RequestWinTie or RequestEqualTie) => (Idle, None),
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
        // RFC 2661: clean up and disconnect the line. Our line is the session's own PPP or interface, which goes with it.
        (WaitCsAnswer or Established, Cdn or TunnelLost) => (Idle, Clean),
        (WaitCsAnswer or Established, LocalOpen or TunnelOpen) => (state, None),

        // States of other machines: cannot happen.
        (WaitTunnel or WaitReply or WaitConnect, _) => (Idle, Clean),

        _ => throw new UnreachableException(),
    };
}
