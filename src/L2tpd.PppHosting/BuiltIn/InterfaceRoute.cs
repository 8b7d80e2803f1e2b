using System.Net;
using System.Net.Sockets;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Routes by an interface of PPP. They have no next hop: there is one neighbour, or the daemon chooses it. Worker thread only.
/// </summary>
internal static class InterfaceRoute
{
    /// <summary>Adds a route to the main table.</summary>
    /// <param name="netlink">The connection.</param>
    /// <param name="interface">Name of the interface.</param>
    /// <param name="destination">The network.</param>
    /// <param name="metric">The metric; 0: the kernel's default.</param>
    /// <param name="mtu">Largest packet, octets, where it is less than the interface's; 0: the interface's. The kernel fragments larger
    /// packets, or answers them with Packet Too Big (RFC 4443 section 3.2) or "fragmentation needed" (RFC 1191).</param>
    /// <returns>ENODEV: no such interface; EEXIST: there is a route to the network with that metric.</returns>
    public static LinuxError Add(RtNetlink netlink, string @interface, IPNetwork destination, uint metric, int mtu = 0)
    {
        var error = netlink.GetLink(@interface, out var link);
        return error.IsNone ? netlink.AddRoute(RouteOf(destination, metric, link!.Index, mtu)) : error;
    }

    /// <summary>Removes the route.</summary>
    public static void Remove(RtNetlink netlink, string @interface, IPNetwork destination, uint metric)
    {
        if (netlink.GetLink(@interface, out var link).IsNone)
            netlink.RemoveRoute(RouteOf(destination, metric, link!.Index));
    }

    /// <summary>The route as the kernel gets it.</summary>
    internal static NetworkRoute RouteOf(IPNetwork destination, uint metric, uint @interface, int mtu = 0) =>
        new(destination.BaseAddress, destination.PrefixLength, null, @interface)
        {
            Metric = metric, Mtu = (uint)mtu,
            // IPv4 honours the MTU without it, and with it would send packets of this host without DF (RFC 1191).
            IsMtuLocked = mtu > 0 && destination.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6,
        };
}
