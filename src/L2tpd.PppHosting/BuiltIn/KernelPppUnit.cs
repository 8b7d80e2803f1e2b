using System.Globalization;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Ppp;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>A unit of /dev/ppp with its interface. Worker thread only, except for the descriptor of <see cref="Device"/>.</summary>
internal sealed class KernelPppUnit
{
    private const int IPv4 = 0x21;
    private const int IPv6 = 0x57;
    private const int Pass = 0;
    private const int Drop = 1;

    private readonly GuardedRoute _route;
    private readonly SourceRules _sources;
    private readonly int _clampedMtu;
    private bool _isUp;

    private KernelPppUnit(PppDevice device, GuardedRoute route, SourceRules sources, int clampedMtu)
    {
        (_route, _sources, _clampedMtu) = (route, sources, clampedMtu);
        (Device, Interface) = (device, string.Create(CultureInfo.InvariantCulture, $"ppp{device.Unit}"));
    }

    public PppDevice Device { get; }

    public string Interface { get; private set; }

    /// <summary>Makes a unit that passes no packets yet, and connects the channel to it.</summary>
    public static LinuxError TryMake(
        PppDevice channel, RtNetlink netlink, LinkSettings settings, GuardedRoute route, SourceRules sources, out KernelPppUnit? unit)
    {
        unit = null;
        var error = PppDevice.TryOpenUnit(-1, out var device);
        if (!error.IsNone)
            return error;
        var made = new KernelPppUnit(device!, route, sources, settings.ClampMss ? settings.Mtu : 0);
        error = made.Prepare(channel, netlink, settings);
        if (error.IsNone)
            unit = made;
        else
            device!.Dispose();
        return error;
    }

    /// <summary>Adds the layer's addresses and routes to the interface, and lets its packets pass.</summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="network">The layer.</param>
    /// <param name="route">Why there is no default route.</param>
    public LinuxError Add(RtNetlink netlink, LinkNetwork network, out LinuxError route) =>
        _route.Add(netlink, Interface, network, () => Add(netlink, network), out route);

    private LinuxError Add(RtNetlink netlink, LinkNetwork network)
    {
        // Before any packet of the peer can pass.
        var error = network.CheckSource ? _sources.Check(netlink, Interface, _clampedMtu) : LinuxError.None;
        if (error.IsNone)
            error = Device.SetNetworkMode(network.Protocol, Pass);
        if (error.IsNone && !_isUp)
            error = netlink.SetLink(Interface, up: true, mtu: (uint)network.Mtu);
        _isUp |= error.IsNone;
        return error.IsNone ? InterfaceAddress.Add(netlink, Interface, network) : error;
    }

    /// <summary>Removes the layer's addresses and stops its packets; routes stay.</summary>
    public void Remove(RtNetlink netlink, LinkNetwork network)
    {
        Device.SetNetworkMode(network.Protocol, Drop);
        netlink.RemoveAddress(Interface, network.Local, network.PrefixLength, network.Peer);
    }

    private LinuxError Prepare(PppDevice channel, RtNetlink netlink, LinkSettings settings)
    {
        // A new unit passes every protocol: IPv6 would leak although it was not negotiated.
        var error = Device.SetNetworkMode(IPv4, Drop);
        if (error.IsNone)
            error = Device.SetNetworkMode(IPv6, Drop);
        if (error.IsNone)
            error = Device.SetMru(settings.Mru);
        if (error.IsNone && settings.ClampMss)
            error = netlink.SetGroup(Interface, MssRules.GroupOf(settings.Mtu));
        if (error.IsNone && settings.Interface is { } name && name != Interface)
        {
            error = netlink.RenameLink(Interface, name);
            Interface = error.IsNone ? name : Interface;
        }

        return error.IsNone ? channel.ConnectUnit(Device.Unit) : error;
    }
}
