using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>A problem of a tunnel that has not ended, in words for log, history and l2tpctl.</summary>
internal static class TunnelProblem
{
    /// <summary>Messages that are not signed with the right secret are dropped without an answer (RFC 3931 section 4.3).</summary>
    public const string SecretsMayDiffer = "messages of the peer are dropped because their digest is wrong; the secrets may differ";

    /// <summary>The problem of a tunnel, or <c>null</c> if none is known.</summary>
    public static string? Of(Tunnel tunnel) => tunnel.AwaitsPeerInVain ? SecretsMayDiffer : null;
}
