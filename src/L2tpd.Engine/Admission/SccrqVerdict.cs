using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Admission;

/// <summary>An SCCRQ made an event of <see cref="TunnelFsm"/>, with what the actions on it need.</summary>
/// <param name="Event">What it is to the state machine.</param>
/// <param name="Ours">
/// Our attempt that it is in a tie with, whose machine is asked; <c>null</c> if the machine is that of a tunnel which does not exist yet.
/// </param>
internal readonly record struct SccrqVerdict(TunnelEvent Event, Tunnel? Ours = null)
{
    /// <summary>The rules of the answer; <c>null</c> with a refusal.</summary>
    public PeerProfile? Rules { get; init; }

    /// <summary>What the SCCRQ began in v3, by the rules of the answer; <c>null</c> in v2.</summary>
    public MessageSecurity? Security { get; init; }

    /// <summary>Our id for its tunnel; 0 with a refusal.</summary>
    public TunnelId LocalId { get; init; }

    /// <summary>Why it is refused, for the peer; <c>null</c> if it gets no answer.</summary>
    public ResultCode? Result { get; init; }

    /// <summary>Why it is refused, for the operator; <c>null</c> if it is not refused.</summary>
    public string? Reason { get; init; }

    /// <summary>The SCCRQ gets no tunnel.</summary>
    public static SccrqVerdict Refused(MessageSecurity? security, ResultCode? result, string reason) =>
        new(TunnelEvent.SccrqNotAcceptable) { Security = security, Result = result, Reason = reason };
}
