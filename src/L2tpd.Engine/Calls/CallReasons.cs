using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>Reasons for the end of a call: result codes, and words for the operator.</summary>
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

    /// <summary>The reason of an end after PPP was heard: a refusal of our credentials says more than the end that it leads to.</summary>
    public static EndReason Judged(Session session, EndReason reason)
    {
        if (session.PppRefused is { } words)
            return reason with { Cause = EndCause.CredentialsRefused, Text = words };
        return session is { Dialled: not null, IsLns: false } && IsRefusal(reason)
            ? reason with { Cause = EndCause.CredentialsRefused, Text = RefusalText(session, null) }
            : reason;
    }

    /// <summary>A sentence that names the user and the LNS.</summary>
    /// <param name="session">The session; <c>null</c> if it has ended and is not known any more.</param>
    /// <param name="refused">The report of PPP; <c>null</c> if only the peer's CDN says so.</param>
    public static string RefusalText(Session? session, PppRefused? refused)
    {
        var host = session?.Tunnel.PeerIntroduction?.HostName is { Length: > 0 } name ? $" ({name})" : "";
        var lns = session is null ? "the LNS" : $"LNS {session.Tunnel.Path.Remote}{host}";
        var user = refused?.User is { } given ? $"user {given}" : "the user";
        return $"{lns} refused the credentials of {user}" + (string.IsNullOrEmpty(refused?.Words) ? "" : $": {refused.Words}");
    }

    /// <summary>RFC 3145: authentication failed, and not at the sender's end.</summary>
    private static bool IsRefusal(EndReason reason) =>
        reason is { ResultFromPeer: true, PppCause: { Code: PppDisconnectCode.AuthenticationFailed, Direction: not 2 } };

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

    public static EndReason LostTie { get; } = new()
    {
        Cause = EndCause.TieBreaker,
        Text = "the peer asked for the same pseudowire at the same moment and its tie breaker won",
    };

    public static EndReason EqualTie { get; } = new()
    {
        Cause = EndCause.TieBreaker,
        Text = "both ends asked for the same pseudowire at the same moment, and neither tie breaker won",
    };
}
