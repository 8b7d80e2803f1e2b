using L2tpd.Engine.Events;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>Reasons for the end of a tunnel: result codes, and words for the operator.</summary>
internal static class TunnelReasons
{
    public static EndReason Unreachable(Tunnel tunnel, Instant now)
    {
        var channel = tunnel.Channel;
        var message = channel.OldestUnacknowledged ?? [];
        return new EndReason
        {
            Cause = EndCause.PeerUnreachable,
            Text = "the peer does not acknowledge",
            UnansweredMessage = MessageTypePeek.Read(message),
            Transmissions = channel.OldestTransmissions,
            UnansweredFor = now - channel.OldestFirstSent ?? TimeSpan.Zero,
            LastSocketError = tunnel.LastSocketError,
            Hint = HintOf(tunnel),
        };
    }

    public static EndReason PortRefused(Tunnel tunnel) => new()
    {
        Cause = EndCause.PeerUnreachable,
        Text = $"nothing listens at {tunnel.Path.Remote}: it refused {tunnel.Channel.OldestTransmissions} SCCRQs",
        LastSocketError = tunnel.LastSocketError,
    };

    /// <summary>Two L2TPv3 ends with different secrets drop what they receive, and neither says so.</summary>
    private static string? HintOf(Tunnel tunnel)
    {
        if (tunnel.EstablishedAt is not null)
            return null;
        if (tunnel.Counters.DigestFailures > 0)
            return $"messages of the peer dropped for their digest: {tunnel.Counters.DigestFailures}; the secrets may differ";
        return tunnel is { IsInitiator: true, PeerId.IsNone: true, Dialect.SecurityMode: SecurityMode.Authenticated }
            ? "a peer whose secret differs does not answer either"
            : null;
    }

    public static EndReason SetupTimedOut(Tunnel tunnel) => new()
    {
        Cause = EndCause.SetupTimeout,
        Text = $"not established within {tunnel.SetupGuard.TotalSeconds:0.###} s (state {tunnel.State})",
        Result = new ResultCode(StopCcnResult.FsmError, null, "not established in time"),
        LastSocketError = tunnel.LastSocketError,
        Hint = HintOf(tunnel),
    };

    public static EndReason ClosedByPeer(Tunnel tunnel, StopCcn stop) => new()
    {
        Cause = EndCause.ClosedByPeer,
        Text = tunnel.State == TunnelState.Established ? "the peer closed the tunnel" : "the peer refused the tunnel",
        Result = stop.Result,
        ResultFromPeer = true,
        LastSocketError = tunnel.LastSocketError,
    };

    public static EndReason WrongState(Tunnel tunnel, ControlMessage message) => new()
    {
        Cause = EndCause.ProtocolError,
        Text = $"the peer sent {MessageTypes.NameOf(message.Type)} in state {tunnel.State}",
        Result = new ResultCode(StopCcnResult.FsmError, null, $"{MessageTypes.NameOf(message.Type)} in state {tunnel.State}"),
    };

    public static EndReason Reflected() => new()
    {
        Cause = EndCause.AuthenticationFailed,
        Text = "the peer challenges us with a challenge of our own: somebody reflects our messages, or this daemon dials itself",
        Result = new ResultCode(StopCcnResult.NotAuthorized, null, "reflected challenge"),
    };

    /// <summary>Why a request of a drained peer is refused.</summary>
    public const string Drained = "the operator drains this peer (l2tpctl drain)";

    public static EndReason RefusedByDrain() => new()
    {
        Cause = EndCause.Administrative,
        Text = Drained,
        Result = new ResultCode(StopCcnResult.GeneralError, GeneralError.TryAnother, "drained"),
    };

    public static EndReason LimitReached(string limit) => new()
    {
        Cause = EndCause.LimitReached,
        Text = limit,
        Result = new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources, limit),
    };

    public static EndReason LostTie { get; } = new()
    {
        Cause = EndCause.TieBreaker,
        Text = "the peer dialled us at the same moment and its tie breaker won",
    };

    public static EndReason EqualTie { get; } = new()
    {
        Cause = EndCause.TieBreaker,
        Text = "both ends dialled at the same moment with equal tie breakers",
    };

    public static EndReason ReplacedUnderAnotherId { get; } = new()
    {
        Cause = EndCause.Replaced,
        Text = "the peer has a new tunnel from the same address and port, and did not answer HELLO in this one",
    };

    public static EndReason Replaced { get; } = new()
    {
        Cause = EndCause.Replaced,
        Text = "the peer started again and now has a new tunnel under the same address and id",
    };
}
