using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Routes by an interface of PPP. They have no next hop: there is one neighbour, or the daemon chooses it. Worker thread only.
/// </summary>
internal static class InterfaceRoute
{
    /// <summary>Adds a route to the main table.</summary>
    /// <returns>ENODEV: no such interface; EEXIST: there is a route to the network with that metric.</returns>
    public static LinuxError Add(RtNetlink netlink, string @interface, IPNetwork destination, uint metric)
    {
        var error = netlink.GetLink(@interface, out var link);
        return error.IsNone ? netlink.AddRoute(RouteOf(destination, metric, link!.Index)) : error;
    }

    /// <summary>Removes the route.</summary>
    public static void Remove(RtNetlink netlink, string @interface, IPNetwork destination, uint metric)
    {
        if (netlink.GetLink(@interface, out var link).IsNone)
            netlink.RemoveRoute(RouteOf(destination, metric, link!.Index));
    }

    private static NetworkRoute RouteOf(IPNetwork destination, uint metric, uint @interface) =>
        new(destination.BaseAddress, destination.PrefixLength, null, @interface) { Metric = metric };
}
