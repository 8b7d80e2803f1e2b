using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Engine.Admission;

/// <summary>
/// How many tunnels there may be, of a profile and overall. Half-open ones do not count: forged SCCRQs would use the limit up and
/// lock real peers out. So the limit is asked twice, at the SCCRQ and at the SCCCN that makes the tunnel count.
/// </summary>
internal static class TunnelLimits
{
    /// <summary>Whether one tunnel more is too many.</summary>
    /// <param name="context">For the limit overall.</param>
    /// <param name="tunnels">Those there are.</param>
    /// <param name="peer">The profile of the one more.</param>
    /// <param name="leaving">Tunnels that go when it comes; null and dead ones do not matter.</param>
    /// <returns>Words for peer and operator; null: there is room.</returns>
    public static string? Exceeded(EngineContext context, TunnelTable tunnels, PeerProfile peer, params ReadOnlySpan<Tunnel?> leaving)
    {
        var overall = tunnels.Counted;
        var ofProfile = tunnels.CountedOf(peer.Name);
        foreach (var tunnel in leaving)
        {
            if (tunnel is not { Phase: TunnelPhase.Alive, IsHalfOpen: false })
                continue;
            overall--;
            if (tunnel.Profile.Name == peer.Name)
                ofProfile--;
        }

        if (overall >= context.Configuration.Limits.MaxTunnels)
            return $"the daemon has its {context.Configuration.Limits.MaxTunnels} tunnels";
        return ofProfile >= peer.MaxTunnels ? $"this peer has its {peer.MaxTunnels} tunnels" : null;
    }
}
