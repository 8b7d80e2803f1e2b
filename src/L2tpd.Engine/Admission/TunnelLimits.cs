using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Limits on the number of tunnels, per profile and overall. Half-open tunnels do not count: forged SCCRQs would use up the limit and lock
/// real peers out. The limit is therefore checked twice, at the SCCRQ and at the SCCCN, from which on the tunnel counts.
/// </summary>
internal static class TunnelLimits
{
    /// <summary>Whether one more tunnel is too many.</summary>
    /// <param name="context">For the limit overall.</param>
    /// <param name="tunnels">All tunnels.</param>
    /// <param name="peer">The profile of the new tunnel.</param>
    /// <param name="leaving">Tunnels that end when the new one is established. <c>null</c> and ended tunnels have no effect.</param>
    /// <returns>The limit, in words for peer and operator; <c>null</c> if there is room.</returns>
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
            return $"the limit of {context.Configuration.Limits.MaxTunnels} tunnels is reached";
        return ofProfile >= peer.MaxTunnels ? $"the limit of {peer.MaxTunnels} tunnels of this peer is reached" : null;
    }
}
