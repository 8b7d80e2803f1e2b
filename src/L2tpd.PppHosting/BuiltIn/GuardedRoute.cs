using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// The routes of one session, in this order: the guard of the tunnel's other end, before any route can cover it, the addresses, the default
/// route. A default route that is to replace another one is two routes of prefix length 1. The other one stays as it is, and counts again
/// when the session's interface is removed (ADR 12). Worker thread only.
/// </summary>
internal sealed class GuardedRoute(RouteGuards guards)
{
    private static readonly IPAddress UpperHalf = IPAddress.Parse("128.0.0.0");

    private bool _isThere;
    private IPAddress? _guarded;
    private uint _interface;

    /// <summary>
    /// Watches the route to the tunnel's other end from the start of PPP on: the default route of another tunnel's session may come before
    /// this session has an address, and would lead this tunnel into that session.
    /// </summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="end">The tunnel's other end.</param>
    /// <returns>The route could not be read; <see cref="Add"/> tries again.</returns>
    public LinuxError Watch(RtNetlink netlink, IPAddress end)
    {
        if (_guarded is not null)
            return LinuxError.None;
        var error = guards.Enter(netlink, end);
        if (error.IsNone)
            _guarded = end;
        return error;
    }

    /// <summary>
    /// Guards the tunnel, sets the addresses and adds the default route. Called again when a network layer is negotiated again; routes
    /// stay.
    /// </summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="interface">Name of the session's interface.</param>
    /// <param name="network">The network layer.</param>
    /// <param name="setAddresses">Gives the interface its addresses.</param>
    /// <param name="route">Why there is no default route through the session; none if there is one, or none is configured.</param>
    /// <returns>Why the network cannot be used.</returns>
    public LinuxError Add(RtNetlink netlink, string @interface, LinkNetwork network, Func<LinuxError> setAddresses, out LinuxError route)
    {
        route = LinuxError.None;
        if (network.Routes is not { } routes)
            return setAddresses();
        var error = netlink.GetLink(@interface, out var link);
        if (!error.IsNone)
            return error;
        _interface = link!.Index;
        if (routes.TunnelEnd is { } end)
            error = Guard(netlink, end, network);
        // Without a guard there is no default route. A session whose peer address takes the tunnel's packets cannot be used at all.
        if (!error.IsNone && network.PeerIsTunnelEnd)
            return error;
        route = error;
        error = setAddresses();
        if (error.IsNone && route.IsNone && routes.Default)
            route = AddDefault(netlink, routes);
        return error;
    }

    /// <summary>Guards one more end of tunnels from the routes of an interface, which has its addresses already.</summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="interface">Name of the interface.</param>
    /// <param name="end">The other end of a tunnel.</param>
    /// <param name="isRequired">The interface has a default route; otherwise the end is watched.</param>
    public LinuxError Guard(RtNetlink netlink, string @interface, IPAddress end, bool isRequired)
    {
        var error = netlink.GetLink(@interface, out var link);
        if (error.IsNone)
            error = Watch(netlink, end);
        if (!error.IsNone)
            return error;
        _interface = link!.Index;
        guards.AddInterface(_interface);
        return isRequired ? guards.Require(netlink, end, isWayRequired: false) : LinuxError.None;
    }

    /// <summary>Removes the guard; the default route is removed with its interface.</summary>
    public void RemoveGuard(RtNetlink netlink)
    {
        if (_guarded is { } end)
            guards.Leave(netlink, end, _interface);
        _guarded = null;
    }

    private LinuxError Guard(RtNetlink netlink, IPAddress end, LinkNetwork network)
    {
        var error = Watch(netlink, end);
        if (!error.IsNone)
            return error;
        guards.AddInterface(_interface);
        // The peer's advertisements may bring a default route as soon as the interface has its address.
        return network.PeerIsTunnelEnd || network.Routes!.Default || network.Router == LinkRouter.Peers
            ? guards.Require(netlink, end, isWayRequired: network.PeerIsTunnelEnd) : LinuxError.None;
    }

    /// <summary>Routes are added once: they outlive the addresses of a network layer that is renegotiated.</summary>
    private LinuxError AddDefault(RtNetlink netlink, SessionRoutes routes)
    {
        if (_isThere)
            return LinuxError.None;
        var error = AddRoute(netlink, IPAddress.Any, routes.Replace ? 1 : 0, routes.Metric);
        if (error.IsNone && routes.Replace)
            error = AddRoute(netlink, UpperHalf, 1, routes.Metric);
        _isThere = error.IsNone;
        return error;
    }

    private LinuxError AddRoute(RtNetlink netlink, IPAddress network, int prefixLength, uint metric) =>
        netlink.AddRoute(new NetworkRoute(network, prefixLength, null, _interface) { Metric = metric });
}
