using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// The bridges of this host and their ports, from link events, and the circuit status that follows for a pseudowire (ADR 6).
/// </summary>
public sealed class BridgeTable
{
    private const string Bridge = "bridge";

    private readonly Dictionary<uint, LinkInfo> _links = [];
    private readonly Dictionary<uint, Ports> _ports = [];

    /// <summary>Applies a link event. Only bridges and their ports are kept, as a host may have many interfaces.</summary>
    public void Take(LinkEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        var link = happened.Link;
        if (_links.Remove(link.Index, out var before))
            Count(before, -1);
        if (happened.IsGone || (link.Kind != Bridge && link.PortOf != Bridge))
            return;
        _links[link.Index] = link;
        Count(link, +1);
    }

    /// <summary>Removes all entries.</summary>
    public void Clear()
    {
        _links.Clear();
        _ports.Clear();
    }

    /// <summary>A bridge or port; <c>null</c> if no such bridge or port is known.</summary>
    public LinkInfo? Find(uint index) => _links.GetValueOrDefault(index);

    /// <summary>
    /// The status of the circuit behind a pseudowire's interface. Outside of a bridge the circuit is the interface itself: up or down. In a
    /// bridge the circuit is the bridge's other ports: active if one of them is up with a carrier, or if there are none, because then the
    /// bridge itself is the circuit.
    /// </summary>
    /// <param name="interface">The interface; <c>null</c> if it is not known, which counts as up.</param>
    public CircuitStatus StatusOf(LinkInfo? @interface)
    {
        if (@interface is null)
            return CircuitStatus.Active;
        if (!@interface.IsUp)
            return CircuitStatus.None;
        if (@interface.PortOf != Bridge)
            return CircuitStatus.Active;
        if (_links.TryGetValue(@interface.Master, out var bridge) && !bridge.IsUp)
            return CircuitStatus.None;
        var ports = _ports.GetValueOrDefault(@interface.Master);
        // The counts include the interface itself: it is up, and a pseudowire always has a carrier.
        var others = new Ports(ports.All - 1, ports.Alive - (IsAlive(@interface) ? 1 : 0));
        return others.All <= 0 || others.Alive > 0 ? CircuitStatus.Active
            : CircuitStatus.LocalReceiveFault | CircuitStatus.LocalTransmitFault;
    }

    private static bool IsAlive(LinkInfo port) => port is { IsUp: true, HasCarrier: true };

    private void Count(LinkInfo link, int by)
    {
        if (link.PortOf != Bridge)
            return;
        var ports = _ports.GetValueOrDefault(link.Master);
        ports = new Ports(ports.All + by, ports.Alive + (IsAlive(link) ? by : 0));
        if (ports.All == 0)
            _ports.Remove(link.Master);
        else
            _ports[link.Master] = ports;
    }

    private readonly record struct Ports(int All, int Alive);
}
