using L2tpd.Control;
using L2tpd.Engine.Admission;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>What is drained, and what of it is still there. Loop thread only.</summary>
public static class DrainMapper
{
    /// <summary>The view; time in proportion to the tunnels.</summary>
    public static DrainView View(Drain drain, IEnumerable<Tunnel> tunnels)
    {
        var (count, sessions) = (0, 0);
        foreach (var tunnel in tunnels)
        {
            if (!drain.IsOfAll && !drain.Peers.Contains(tunnel.Profile.Name))
                continue;
            count++;
            sessions += tunnel.Sessions.Count;
        }

        return new DrainView(drain.IsOfAll, [.. drain.Peers], count, sessions);
    }
}
