using System.Net;
using System.Net.Sockets;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Netlink;

/// <summary>The part of rtnetlink(7) that the data planes need. Synchronous, one call at a time.</summary>
public sealed class RtNetlink : IDisposable
{
    private readonly NetlinkConnection _connection;

    /// <summary>Takes over a transport.</summary>
    public RtNetlink(INetlinkTransport transport, TimeSpan? timeout = null) =>
        _connection = new NetlinkConnection(transport, timeout ?? L2tpNetlink.DefaultTimeout);

    /// <summary>The connection, for <see cref="TrafficControl"/>.</summary>
    internal NetlinkConnection Connection => _connection;

    /// <summary>Opens the socket.</summary>
    public static LinuxError TryOpen(out RtNetlink? netlink, TimeSpan? timeout = null)
    {
        var error = NetlinkSocket.TryOpen(NetlinkSocket.Route, timeout ?? L2tpNetlink.DefaultTimeout, out var socket);
        netlink = error.IsNone ? new RtNetlink(socket!, timeout) : null;
        return error;
    }

    /// <summary>RTM_GETLINK by name. ENODEV: no such interface.</summary>
    public LinuxError GetLink(string name, out LinkInfo? link)
    {
        _connection.Request.Begin(Native.RTM_GETLINK, Native.NLM_F_ACK);
        _connection.Request.Put(default(Native.ifinfomsg));
        _connection.Request.Put(Native.IFLA_IFNAME, name);
        LinkInfo? found = null;
        var error = _connection.Execute("RTM_GETLINK", name, payload => found = LinkMessages.Read(payload));
        link = error.IsNone ? found : null;
        return error.IsNone && found is null ? new LinuxError(Errno.EBADMSG, "RTM_GETLINK", name) : error;
    }

    /// <summary>
    /// Sets an interface up or down and its MTU (RTM_NEWLINK); <c>null</c> leaves a value as it is. ENODEV: no such interface.
    /// </summary>
    public LinuxError SetLink(string name, bool? up, uint? mtu)
    {
        _connection.Request.Begin(Native.RTM_NEWLINK, Native.NLM_F_ACK);
        _connection.Request.Put(new Native.ifinfomsg
        {
            ifi_flags = up == true ? Native.IFF_UP : 0,
            ifi_change = up is null ? 0 : Native.IFF_UP,
        });
        _connection.Request.Put(Native.IFLA_IFNAME, name);
        if (mtu is { } octets)
            _connection.Request.Put(Native.IFLA_MTU, octets);
        return _connection.Execute("RTM_NEWLINK", name);
    }

    /// <summary>
    /// Makes an interface a port of a bridge (RTM_NEWLINK with IFLA_MASTER). EBUSY: it is a port of another bridge; ELOOP: the bridge is
    /// built on it.
    /// </summary>
    /// <param name="name">The interface.</param>
    /// <param name="master">Interface index of the bridge.</param>
    public LinuxError SetMaster(string name, uint master)
    {
        _connection.Request.Begin(Native.RTM_NEWLINK, Native.NLM_F_ACK);
        _connection.Request.Put(default(Native.ifinfomsg));
        _connection.Request.Put(Native.IFLA_IFNAME, name);
        _connection.Request.Put(Native.IFLA_MASTER, master);
        return _connection.Execute("RTM_NEWLINK", $"{name} master {master}");
    }

    /// <summary>
    /// Sets whether an interface waits for an external event (RFC 2863 dormant). A dormant bridge port forwards nothing, and the interface
    /// loses RUNNING. Interfaces built on it inherit the state.
    /// </summary>
    public LinuxError SetDormant(string name, bool dormant)
    {
        _connection.Request.Begin(Native.RTM_NEWLINK, Native.NLM_F_ACK);
        _connection.Request.Put(default(Native.ifinfomsg));
        _connection.Request.Put(Native.IFLA_IFNAME, name);
        _connection.Request.Put(Native.IFLA_OPERSTATE, dormant ? Native.IF_OPER_DORMANT : Native.IF_OPER_UP);
        return _connection.Execute("RTM_NEWLINK", $"{name} {(dormant ? "dormant" : "not dormant")}");
    }

    /// <summary>Prevents an IPv6 link-local address when an interface that is down comes up. EAFNOSUPPORT: no IPv6.</summary>
    public LinuxError SetNoLinkLocalAddress(string name)
    {
        _connection.Request.Begin(Native.RTM_NEWLINK, Native.NLM_F_ACK);
        _connection.Request.Put(default(Native.ifinfomsg));
        _connection.Request.Put(Native.IFLA_IFNAME, name);
        using (_connection.Request.Nest(Native.IFLA_AF_SPEC))
        using (_connection.Request.Nest((ushort)LibC.AF_INET6))
            _connection.Request.Put(Native.IFLA_INET6_ADDR_GEN_MODE, Native.IN6_ADDR_GEN_MODE_NONE);
        return _connection.Execute("RTM_NEWLINK", $"{name} addrgenmode none");
    }

    /// <summary>
    /// Sets rp_filter of an interface (RFC 3704): a packet is dropped if the route to its IPv4 source does not use the interface it came
    /// from. The kernel uses the larger of this value and that of <c>all</c>. ENODEV: no such interface.
    /// </summary>
    public LinuxError SetReversePathFilter(string name, bool strict)
    {
        _connection.Request.Begin(Native.RTM_NEWLINK, Native.NLM_F_ACK);
        _connection.Request.Put(default(Native.ifinfomsg));
        _connection.Request.Put(Native.IFLA_IFNAME, name);
        using (_connection.Request.Nest(Native.IFLA_AF_SPEC))
        using (_connection.Request.Nest((ushort)LibC.AF_INET))
        using (_connection.Request.Nest(Native.IFLA_INET_CONF))
            _connection.Request.Put(Native.IPV4_DEVCONF_RP_FILTER, strict ? 1u : 0u);
        return _connection.Execute("RTM_NEWLINK", $"{name} rp_filter {(strict ? 1 : 0)}");
    }

    /// <summary>
    /// Makes an interface for the frames of another one that carry an IEEE 802.1Q tag (RTM_NEWLINK, kind vlan). EEXIST: the name or the tag
    /// is in use.
    /// </summary>
    /// <param name="name">Name of the new interface.</param>
    /// <param name="lower">Interface index of the lower interface.</param>
    /// <param name="tag">VLAN ID, 1 to 4094.</param>
    public LinuxError AddVlan(string name, uint lower, ushort tag)
    {
        _connection.Request.Begin(Native.RTM_NEWLINK, Native.NLM_F_ACK | Native.NLM_F_CREATE | Native.NLM_F_EXCL);
        _connection.Request.Put(default(Native.ifinfomsg));
        _connection.Request.Put(Native.IFLA_IFNAME, name);
        _connection.Request.Put(Native.IFLA_LINK, lower);
        using (_connection.Request.Nest(Native.IFLA_LINKINFO))
        {
            _connection.Request.Put(Native.IFLA_INFO_KIND, "vlan");
            using (_connection.Request.Nest(Native.IFLA_INFO_DATA))
                _connection.Request.Put(Native.IFLA_VLAN_ID, tag);
        }

        return _connection.Execute("RTM_NEWLINK", $"{name} vlan {tag}");
    }

    /// <summary>
    /// Puts an interface into a group (IFLA_GROUP), by which firewall rules can name many interfaces. ENODEV: no such interface.
    /// </summary>
    public LinuxError SetGroup(string name, uint group)
    {
        _connection.Request.Begin(Native.RTM_NEWLINK, Native.NLM_F_ACK);
        _connection.Request.Put(default(Native.ifinfomsg));
        _connection.Request.Put(Native.IFLA_IFNAME, name);
        _connection.Request.Put(Native.IFLA_GROUP, group);
        return _connection.Execute("RTM_NEWLINK", $"{name} group {group}");
    }

    /// <summary>Adds an address (RTM_NEWADDR). EEXIST: the interface has it.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="address">The address, including its host bits.</param>
    /// <param name="prefixLength">Prefix length.</param>
    /// <param name="peer">The other end of a point-to-point link, or <c>null</c>.</param>
    public LinuxError AddAddress(string name, IPAddress address, int prefixLength, IPAddress? peer = null) =>
        ChangeAddress("RTM_NEWADDR", Native.RTM_NEWADDR, Native.NLM_F_CREATE | Native.NLM_F_EXCL, name, address, prefixLength, peer);

    /// <summary>
    /// Removes an address (RTM_DELADDR) that <see cref="AddAddress"/> added. EADDRNOTAVAIL: the interface does not have it.
    /// </summary>
    public LinuxError RemoveAddress(string name, IPAddress address, int prefixLength, IPAddress? peer = null) =>
        ChangeAddress("RTM_DELADDR", Native.RTM_DELADDR, 0, name, address, prefixLength, peer);

    /// <summary>Renames an interface that is down (RTM_NEWLINK). EEXIST: another interface has the name; EBUSY: it is up.</summary>
    public LinuxError RenameLink(string name, string newName)
    {
        var error = GetLink(name, out var link);
        if (!error.IsNone)
            return error;
        _connection.Request.Begin(Native.RTM_NEWLINK, Native.NLM_F_ACK);
        _connection.Request.Put(new Native.ifinfomsg { ifi_index = (int)link!.Index });
        _connection.Request.Put(Native.IFLA_IFNAME, newName);
        return _connection.Execute("RTM_NEWLINK", $"{name} to {newName}");
    }

    /// <summary>Finds the routing table entry for packets to an address (RTM_GETROUTE). ENETUNREACH: there is none.</summary>
    public LinuxError FindRoute(IPAddress destination, out NetworkRoute? route)
    {
        var octets = destination.GetAddressBytes();
        _connection.Request.Begin(Native.RTM_GETROUTE, Native.NLM_F_ACK);
        _connection.Request.Put(new Native.rtmsg
        {
            rtm_family = FamilyOf(destination),
            rtm_dst_len = (byte)(octets.Length * 8),
            rtm_flags = Native.RTM_F_FIB_MATCH | Native.RTM_F_LOOKUP_TABLE,
        });
        _connection.Request.Put(Native.RTA_DST, octets);
        List<NetworkRoute> found = [];
        var error = _connection.Execute("RTM_GETROUTE", destination.ToString(), payload => RouteMessages.Read(payload, found));
        route = error.IsNone ? found.FirstOrDefault() : null;
        return error.IsNone && route is null ? new LinuxError(Errno.EBADMSG, "RTM_GETROUTE", destination.ToString()) : error;
    }

    /// <summary>All entries of all routing tables of one family, one for each next router of a route. EINTR: they kept changing.</summary>
    public LinuxError ListRoutes(AddressFamily family, out IReadOnlyList<NetworkRoute> routes)
    {
        List<NetworkRoute> found = [];
        _connection.Request.Begin(Native.RTM_GETROUTE, Native.NLM_F_DUMP);
        _connection.Request.Put(new Native.rtmsg { rtm_family = FamilyOf(family) });
        var error = _connection.Dump("RTM_GETROUTE", found.Clear, payload => RouteMessages.Read(payload, found));
        routes = found;
        return error;
    }

    /// <summary>Adds a route. EEXIST: there is a route to the destination, and <paramref name="replace"/> is not set.</summary>
    public LinuxError AddRoute(NetworkRoute route, bool replace = false) =>
        ChangeRoute("RTM_NEWROUTE", Native.RTM_NEWROUTE, Native.NLM_F_CREATE | (replace ? Native.NLM_F_REPLACE : Native.NLM_F_EXCL), route);

    /// <summary>
    /// Adds an IPv4 route before those with the same destination and metric, so that it is used. EEXIST: the same route exists.
    /// </summary>
    public LinuxError PrependRoute(NetworkRoute route) => ChangeRoute("RTM_NEWROUTE", Native.RTM_NEWROUTE, Native.NLM_F_CREATE, route);

    /// <summary>Removes a route. ESRCH: there is none.</summary>
    public LinuxError RemoveRoute(NetworkRoute route) => ChangeRoute("RTM_DELROUTE", Native.RTM_DELROUTE, 0, route);

    private LinuxError ChangeRoute(string command, ushort type, int flags, NetworkRoute route)
    {
        _connection.Request.Begin(type, (ushort)(Native.NLM_F_ACK | flags));
        RouteMessages.Write(_connection.Request, route, FamilyOf(route.Destination));
        return _connection.Execute(command, $"{route.Destination}/{route.PrefixLength}");
    }

    private LinuxError ChangeAddress(
        string command, ushort type, int flags, string name, IPAddress address, int prefixLength, IPAddress? peer)
    {
        var error = GetLink(name, out var link);
        if (!error.IsNone)
            return error;
        _connection.Request.Begin(type, (ushort)(Native.NLM_F_ACK | flags));
        _connection.Request.Put(new Native.ifaddrmsg
        {
            ifa_family = FamilyOf(address),
            ifa_prefixlen = (byte)prefixLength,
            ifa_index = link!.Index,
        });
        _connection.Request.Put(Native.IFA_LOCAL, address.GetAddressBytes());
        _connection.Request.Put(Native.IFA_ADDRESS, (peer ?? address).GetAddressBytes());
        return _connection.Execute(command, $"{name} {address}/{prefixLength}");
    }

    private static byte FamilyOf(IPAddress address) => FamilyOf(address.AddressFamily);

    private static byte FamilyOf(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? (byte)LibC.AF_INET6 : (byte)LibC.AF_INET;

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
