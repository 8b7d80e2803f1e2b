namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// The tunnels that the input at hand has touched: something was sent, received or decided in them, so that an acknowledgement or a deadline may
/// have to follow. <see cref="TunnelMachine.Settle()"/> empties it at the end of each input. Static tunnels have neither and are left out.
/// </summary>
internal sealed class UnsettledTunnels
{
    private readonly List<Tunnel> _tunnels = [];

    public int Count => _tunnels.Count;

    public Tunnel this[int index] => _tunnels[index];

    /// <summary>Harmless when repeated.</summary>
    public void Add(Tunnel tunnel)
    {
        if (tunnel.IsUnsettled || tunnel.IsStatic)
            return;
        tunnel.IsUnsettled = true;
        _tunnels.Add(tunnel);
    }

    public void Clear()
    {
        foreach (var tunnel in _tunnels)
            tunnel.IsUnsettled = false;
        _tunnels.Clear();
    }
}
