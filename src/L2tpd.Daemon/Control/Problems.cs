using L2tpd.Engine.ControlConnections;

namespace L2tpd.Daemon.Control;

/// <summary>What is wrong with a tunnel that has not ended, in words for log, history and l2tpctl.</summary>
internal static class TunnelProblem
{
    /// <summary>L2TPv3 has no message that says so: what is not signed with the right secret is dropped (RFC 3931 section 4.3).</summary>
    public const string SecretsMayDiffer = "the secrets may differ: messages of the peer are dropped for their digest";

    /// <summary>The problem of a tunnel, or null.</summary>
    public static string? Of(Tunnel tunnel) => tunnel.AwaitsPeerInVain ? SecretsMayDiffer : null;
}
