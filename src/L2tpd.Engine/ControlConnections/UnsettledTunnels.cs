namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// The tunnels that the input at hand has touched: something was sent, received or decided in them, so that an acknowledgement or a
/// deadline may have to follow. <see cref="TunnelMachine.Settle()"/> empties it at the end of each input. Static tunnels have neither and
/// are left out.
/// </summary>
/// <remarks>The links are in the tunnels: no allocation per message.</remarks>
internal sealed class UnsettledTunnels
{
    private Tunnel? _first;
    private Tunnel? _last;

    /// <summary>Harmless when repeated.</summary>
    public void Add(Tunnel tunnel)
    {
        if (tunnel.IsUnsettled || tunnel.IsStatic)
            return;
        tunnel.IsUnsettled = true;
        if (_last is null)
            _first = tunnel;
        else
            _last.NextUnsettled = tunnel;
        _last = tunnel;
    }

    /// <summary>Takes out the tunnel that was touched first; <c>null</c> if there is none.</summary>
    public Tunnel? Take()
    {
        if (_first is not { } tunnel)
            return null;
        _first = tunnel.NextUnsettled;
        if (_first is null)
            _last = null;
        tunnel.NextUnsettled = null;
        tunnel.IsUnsettled = false;
        return tunnel;
    }
}
