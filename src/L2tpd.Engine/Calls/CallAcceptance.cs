using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>Why a call is refused: the result code of the CDN, and words for the operator.</summary>
internal sealed record Refusal(ResultCode Result, string Reason);

/// <summary>Judges ICRQ and OCRQ by policy and limits.</summary>
internal static class CallAcceptance
{
    public static Refusal LostTie { get; } = new(
        new ResultCode(CdnResult.LostTieBreaker), "we asked for the same pseudowire at the same moment and our tie breaker won");

    /// <summary>Two sessions for one pseudowire, each in a bridge, would be a loop.</summary>
    public static Refusal IsUp { get; } = new(
        new ResultCode(CdnResult.LostTieBreaker), "the pseudowire is up already, or on its way, by a session that we asked for");

    public static Refusal NoIdLeft { get; } = new(new ResultCode(CdnResult.NoFacilitiesTemporary), "all session ids are in use");

    public static Refusal UnknownSession(SessionMessage message) => new(
        new ResultCode(CdnResult.GeneralError, GeneralError.InvalidSessionId),
        $"{MessageTypes.NameOf(message.Type)} for an unknown session");

    /// <param name="context">The engine.</param>
    /// <param name="tunnel">The tunnel the call came in.</param>
    /// <param name="request">The call.</param>
    /// <param name="sessions">Sessions of all tunnels.</param>
    /// <returns><c>null</c> if the call is acceptable.</returns>
    public static Refusal? Judge(EngineContext context, Tunnel tunnel, CallRequest request, int sessions)
    {
        if (context.IsShuttingDown)
            return new Refusal(new ResultCode(CdnResult.Administrative), "the daemon is shutting down");
        if (context.Drain.Includes(tunnel.Profile.Name))
            return new Refusal(new ResultCode(CdnResult.NoFacilitiesTemporary, null, "drained"), TunnelReasons.Drained);
        var rules = SessionRules.Of(context, tunnel);
        return JudgePolicy(rules, request) ?? JudgeLimits(context, tunnel, rules, sessions)
            ?? (tunnel.HasPeerSessionId(request.LocalSessionId) ? IdInUse(request.LocalSessionId) : null);
    }

    /// <summary>Two calls with one id could not be told apart, by a CDN or by data.</summary>
    public static Refusal IdInUse(SessionId peerId) =>
        new(
            new ResultCode(CdnResult.GeneralError, GeneralError.InvalidSessionId, "session id in use"),
            $"the peer has another session with the id {peerId} in this tunnel");

    private static Refusal? JudgePolicy(PeerProfile rules, CallRequest request) => request switch
    {
        Icrq when !rules.AcceptIncomingCalls =>
            new Refusal(
                new ResultCode(CdnResult.NoFacilitiesPermanent), "this peer may not bring incoming calls (not configured as LNS for it)"),
        Ocrq when !rules.AcceptOutgoingCalls =>
            new Refusal(new ResultCode(CdnResult.NoFacilitiesPermanent), "this peer may not ask for outgoing calls"),
        Ocrq outgoing when (outgoing.BearerType & ~Introduction.Bearers) is not (null or BearerTypes.None)
            || (outgoing.FramingType & ~Introduction.Framing) != 0 =>
            new Refusal(new ResultCode(CdnResult.NoFacilitiesPermanent), "bearer or framing type was not offered"),
        _ => null,
    };

    private static Refusal? JudgeLimits(EngineContext context, Tunnel tunnel, PeerProfile rules, int sessions)
    {
        var full = new ResultCode(CdnResult.NoFacilitiesTemporary);
        if (tunnel.Sessions.Count >= rules.MaxSessionsPerTunnel)
            return new Refusal(full, $"the limit of {rules.MaxSessionsPerTunnel} sessions of the tunnel is reached");
        return sessions >= context.Configuration.Limits.MaxSessions
            ? new Refusal(full, $"the limit of {context.Configuration.Limits.MaxSessions} sessions is reached")
            : null;
    }
}
