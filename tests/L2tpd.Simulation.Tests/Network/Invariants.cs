using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>The invariants of every node after every step.</summary>
public static class Invariants
{
    public static void Check(Simulation simulation)
    {
        foreach (var node in simulation.Nodes.Where(n => !n.IsDown))
            Check(node);
    }

    private static void Check(Node node)
    {
        // The engine knows every object in the kernel, and PPP runs only on sessions.
        Assert.All(node.World.Tunnels, key => Assert.NotNull(node.Engine.FindTunnel(key)));
        Assert.All(node.World.Sessions, key => Assert.NotNull(node.Engine.FindSession(key)));
        Assert.All(node.World.Ppp, key => Assert.Contains(key, node.World.Sessions));

        var sessions = node.Engine.Tunnels.Sum(t => t.Sessions.Count);
        Assert.Equal(sessions, node.Engine.SessionCount);
        // The others are requests without a tunnel.
        var halfOpen = node.Engine.Tunnels.Count(t => !t.IsInitiator && t.State == TunnelState.WaitCtlConn);
        Assert.InRange(halfOpen, 0, node.Engine.HalfOpenTunnels);
        foreach (var tunnel in node.Engine.Tunnels)
            Check(tunnel);
    }

    private static void Check(Tunnel tunnel)
    {
        Assert.True(tunnel.State != TunnelState.Established || !tunnel.PeerId.IsNone);
        Assert.True(tunnel.State == TunnelState.Established || tunnel.Sessions.Count == 0);
        Assert.All(tunnel.Sessions.Values, session =>
        {
            Assert.NotEqual(SessionState.Idle, session.State);
            Assert.True(session.State != SessionState.Established || !session.PeerId.IsNone);
            Assert.True(session.State == SessionState.Established || session.Data == DataState.None);
        });
    }
}
