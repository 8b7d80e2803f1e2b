using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Sessions;

/// <summary>Why a call ends, in codes and words.</summary>
internal static class CallReasons
{
    public static EndReason Replaced { get; } = new()
    {
        Cause = EndCause.Replaced,
        Text = "the peer started again and has the same pseudowire in a new tunnel",
        Result = new ResultCode(CdnResult.Administrative, null, "replaced by a session in another tunnel"),
    };

    public static EndReason WrongState(Session session, SessionMessage message) => new()
    {
        Cause = EndCause.ProtocolError,
        Text = $"the peer sent {MessageTypes.NameOf(message.Type)} in state {session.State}",
        Result = session.Tunnel.Dialect.Calls.WrongState($"{MessageTypes.NameOf(message.Type)} in state {session.State}"),
    };

    public static EndReason ClosedByPeer(Session session, Cdn cdn) => new()
    {
        Cause = EndCause.ClosedByPeer,
        Text = session.State == SessionState.Established ? "the peer closed the session" : "the peer refused the session",
        Result = cdn.Result,
        ResultFromPeer = true,
        ResultIsCdn = true,
        PppCause = cdn.PppDisconnectCause,
        Q931Cause = cdn.Q931Cause,
    };

    public static EndReason Disagreed(Refusal refusal) => new()
    {
        Cause = EndCause.ProtocolError,
        Text = refusal.Reason,
        Result = refusal.Result,
    };

    public static EndReason SetupTimedOut(Session session) => new()
    {
        Cause = EndCause.SetupTimeout,
        Text = $"not established within {session.Tunnel.SessionSetupGuard.TotalSeconds:0.###} s (state {session.State})",
        Result = session.Tunnel.Dialect.Calls.SetupTimedOut,
        LastSocketError = session.Tunnel.LastSocketError,
    };

    /// <param name="comparison">0: neither won; else ours lost.</param>
    public static EndReason Tied(int comparison) => new()
    {
        Cause = EndCause.TieBreaker,
        Text = comparison == 0
            ? "both ends asked for the same pseudowire at the same moment, and neither tie breaker won"
            : "the peer asked for the same pseudowire at the same moment and its tie breaker won",
    };
}
