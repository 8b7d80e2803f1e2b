using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// The bridges of this host and their ports, as link events tell; and what that means for a pseudowire's circuit (ADR 6).
/// </summary>
public sealed class BridgeTable
{
    private const string Bridge = "bridge";

    private readonly Dictionary<uint, LinkInfo> _links = [];
    private readonly Dictionary<uint, Ports> _ports = [];

    /// <summary>Takes over what an event says. Of hosts with many interfaces only bridges and their ports are kept.</summary>
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

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _links.Clear();
        _ports.Clear();
    }

    /// <summary>A bridge or port; null: it is not known as one.</summary>
    public LinkInfo? Find(uint index) => _links.GetValueOrDefault(index);

    /// <summary>
    /// The circuit behind a pseudowire's interface. Alone, it is the interface itself: up or down. In a bridge it is the bridge's other
    /// ports: active while one of them is up with a carrier, or while there is none, for then the bridge itself is the circuit.
    /// </summary>
    /// <param name="interface">The interface; null: nothing is known against it.</param>
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
        // What of the counts is the interface itself: it is up, and as a pseudowire always has a carrier.
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
