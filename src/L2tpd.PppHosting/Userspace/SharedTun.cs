using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.PppHosting.Userspace;

/// <summary>
/// One TUN interface for all sessions of a profile. Its address and the routes to the pool are set once. A session costs a few entries
/// in tables here and no call into the kernel, unless its address or a network behind it is outside the pools, or its link carries less
/// than the interface: then its networks have routes with an MTU, so that the kernel fragments, or answers with Packet Too Big. An
/// interface that is deleted from outside is made again at once. Loop thread only.
/// </summary>
public sealed class SharedTun : IDisposable
{
    private readonly SubscriberTable _subscribers = new();
    private readonly UserspacePppLinks _links;
    private bool _isDownTold;
    private int _largestMtu;

    private SharedTun(TunTap tun, UserspacePppLinks links, LinkSettings settings)
    {
        (_links, Settings) = (links, settings);
        Port = new SharedPort(tun, links, this);
    }

    /// <summary>Its settings.</summary>
    public LinkSettings Settings { get; private set; }

    /// <summary>The interface's place in the loop.</summary>
    public SharedPort Port { get; private set; }

    public string Name => Port.Name;

    /// <summary>Makes and sets up the interface. Blocks, once per profile.</summary>
    public static LinuxError TryMake(UserspacePppLinks links, LinkSettings settings, out SharedTun? shared)
    {
        shared = null;
        var error = TunTap.TryOpen(settings.Interface!, tap: false, links.Buffers.UseOffloads, out var tun);
        if (!error.IsNone)
            return error;
        var made = new SharedTun(tun!, links, settings);
        error = made.Configure(settings);
        if (error.IsNone)
            shared = made;
        else
            made.Dispose();
        return error;
    }

    /// <summary>
    /// Sets address, MTU and routes by the profile. Routes of an earlier pool stay: sessions may still have its addresses.
    /// </summary>
    public LinuxError Configure(LinkSettings settings)
    {
        Settings = settings;
        var hasMore = _largestMtu > 0 && MtuOf(settings) > _largestMtu;
        _largestMtu = Math.Max(_largestMtu, MtuOf(settings));
        var error = RtNetlink.TryOpen(out var netlink);
        if (!error.IsNone)
            return error;
        using (netlink)
            error = Configure(netlink!, out _);
        // The links that are up carry what they negotiated.
        if (error.IsNone && hasMore)
            AddOwnRoutes();
        return error;
    }

    /// <summary>Sends packets for the peer's address to the link from now on.</summary>
    /// <returns>EADDRINUSE if another session has that IPv4 address. Peers may have the same link-local address.</returns>
    public LinuxError Add(UserspacePppLink link, LinkNetwork network)
    {
        if (network.IsIPv6)
        {
            if (link.PeerIdentifier != 0)
                _subscribers.AddNeighbour(link.PeerIdentifier, link);
            return LinuxError.None;
        }

        if (!_subscribers.TryAdd(link.PeerAddress, link))
            return new LinuxError(Errno.EADDRINUSE, Name, $"{network.Peer}");
        AddKernelRoute(link, HostRoute(network.Peer!), metric: 0);
        return LinuxError.None;
    }

    /// <summary>Stops the packets of one of the link's layers.</summary>
    public void Remove(UserspacePppLink link, LinkNetwork network)
    {
        if (network.IsIPv6)
            _subscribers.RemoveNeighbour(link.PeerIdentifier, link);
        else if (_subscribers.Remove(link.PeerAddress, link))
            RemoveKernelRoute(link, HostRoute(network.Peer!), metric: 0);
    }

    /// <summary>Sends packets for a network to the link from now on.</summary>
    /// <returns>EADDRINUSE if another session has that network. A longer prefix of another session is no error: it takes precedence.
    /// </returns>
    public LinuxError AddRoute(UserspacePppLink link, IPNetwork destination, uint metric)
    {
        if (!_subscribers.TryAdd(destination, metric, link))
            return new LinuxError(Errno.EADDRINUSE, Name, $"{destination}");
        AddKernelRoute(link, destination, metric);
        return LinuxError.None;
    }

    /// <summary>Stops the packets for a network.</summary>
    public void RemoveRoute(UserspacePppLink link, IPNetwork destination, uint metric)
    {
        if (_subscribers.Remove(destination, link))
            RemoveKernelRoute(link, destination, metric);
    }

    /// <inheritdoc cref="SubscriberTable.Leads(uint, UserspacePppLink)"/>
    internal bool Leads(uint address, UserspacePppLink link) => _subscribers.Leads(address, link);

    /// <inheritdoc cref="SubscriberTable.Leads(uint, UserspacePppLink)"/>
    internal bool Leads(UInt128 address, UserspacePppLink link) => _subscribers.Leads(address, link);

    /// <summary>The link that a packet of the system is for; <c>null</c>: none.</summary>
    public UserspacePppLink? Find(ReadOnlySpan<byte> packet) => _subscribers.Find(packet);

    /// <summary>The interface was deleted from outside: makes it again, so that its sessions stay up.</summary>
    public void OnInterfaceDeleted()
    {
        var error = TryMakeAgain();
        if (error.IsNone)
        {
            _links.LogMadeAgain(Name, _subscribers.Count);
            return;
        }

        // The next session tries again. Those that are up would have a network that carries nothing.
        _links.LogNotMadeAgain(Name, error);
        _links.Forget(this);
        Dispose();
        foreach (var link in _subscribers.Links.ToArray())
            link.OnSharedInterfaceLost(Name, error);
    }

    /// <summary>The interface may have been set down or up from outside: restores what the kernel removed. Blocks.</summary>
    public void OnLinkChanged()
    {
        var error = RtNetlink.TryOpen(out var netlink);
        using (netlink)
        {
            // Deleted (it is made again elsewhere), or not readable now (another message will follow).
            if (!error.IsNone || !netlink!.GetLink(Name, out var link).IsNone)
                return;
            if (link!.IsUp)
                PutBack(netlink, link.Index);
            else if (!_isDownTold)
                _links.LogSharedDown(Name, _subscribers.Count);
            _isDownTold = !link.IsUp;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Port.Dispose();

    private void PutBack(RtNetlink netlink, uint index)
    {
        // The interface itself is not set up: somebody may have set it down on purpose.
        var error = ConfigureNetwork(netlink, out var routes);
        foreach (var (network, metric, link) in OwnRoutes())
        {
            var added = netlink.AddRoute(InterfaceRoute.RouteOf(network, metric, index, RouteMtuOf(link)));
            routes += added.IsNone ? 1 : 0;
            error = error.IsNone ? Unless(Errno.EEXIST, added) : error;
        }

        if (!error.IsNone)
            _links.LogNotPutBack(Name, error);
        else if (routes > 0)
            _links.LogRoutesPutBack(Name, routes);
    }

    /// <summary>Networks of subscribers for which the routes of the pools do not suffice.</summary>
    private IEnumerable<(IPNetwork Network, uint Metric, UserspacePppLink Link)> OwnRoutes() =>
        _subscribers.Networks.Where(entry => NeedsRoute(entry.Link, entry.Network));

    private LinuxError TryMakeAgain()
    {
        var error = TunTap.TryOpen(Name, tap: false, _links.Buffers.UseOffloads, out var tun);
        if (!error.IsNone)
            return error;
        var before = Port;
        Port = new SharedPort(tun!, _links, this);
        before.Dispose();
        error = Configure(Settings);
        if (!error.IsNone)
            return error;
        // Addresses of an earlier pool had that pool's routes until now.
        AddOwnRoutes();
        return error;
    }

    private LinuxError Configure(RtNetlink netlink, out int routes)
    {
        routes = 0;
        // The link-local address is PPP's. A kernel without IPv6 returns an error here, which is ignored.
        _ = netlink.SetNoLinkLocalAddress(Name);
        var error = netlink.SetLink(Name, up: true, mtu: (uint)MtuOf(Settings));
        return error.IsNone ? ConfigureNetwork(netlink, out routes) : error;
    }

    private LinuxError ConfigureNetwork(RtNetlink netlink, out int routes)
    {
        routes = 0;
        var error = LinuxError.None;
        if (Settings.Local is { } local)
            error = Unless(Errno.EEXIST, netlink.AddAddress(Name, local, 32));
        if (error.IsNone && Settings.Identifier != 0)
            error = Unless(Errno.EEXIST, netlink.AddAddress(Name, SessionDescription.LinkLocal(Settings.Identifier), 64));
        LinkInfo? link = null;
        if (error.IsNone)
            error = netlink.GetLink(Name, out link);
        foreach (var prefix in Settings.Prefixes)
        {
            if (!error.IsNone)
                break;
            error = netlink.AddRoute(new NetworkRoute(prefix.BaseAddress, prefix.PrefixLength, null, link!.Index));
            routes += error.IsNone ? 1 : 0;
            error = Unless(Errno.EEXIST, error);
        }

        return error;
    }

    private bool IsOutside(IPNetwork network)
    {
        foreach (var prefix in Settings.Prefixes)
        {
            if (prefix.PrefixLength <= network.PrefixLength && prefix.Contains(network.BaseAddress))
                return false;
        }

        return true;
    }

    private static IPNetwork HostRoute(IPAddress peer) => new(peer, 32);

    private static int MtuOf(LinkSettings settings) => Math.Min(settings.Mtu, UserspacePppLink.LargestPacket);

    // The largest MTU that the interface has had: after a reload with a lower one, routes that were added are still removed.
    private bool NeedsRoute(UserspacePppLink link, IPNetwork network) => RouteMtuOf(link) > 0 || IsOutside(network);

    private int RouteMtuOf(UserspacePppLink link) => link.TransmitLimit < _largestMtu ? link.TransmitLimit : 0;

    private void AddOwnRoutes()
    {
        foreach (var (network, metric, link) in OwnRoutes())
            AddKernelRoute(link, network, metric);
    }

    private void AddKernelRoute(UserspacePppLink link, IPNetwork network, uint metric)
    {
        if (!NeedsRoute(link, network))
            return;
        var mtu = RouteMtuOf(link);
        _links.Worker.Add(() =>
        {
            if (_links.Worker.TryNetlink(out var netlink).IsNone)
                InterfaceRoute.Add(netlink, Name, network, metric, mtu);
        });
    }

    private void RemoveKernelRoute(UserspacePppLink link, IPNetwork network, uint metric)
    {
        if (!NeedsRoute(link, network))
            return;
        _links.Worker.Add(() =>
        {
            if (_links.Worker.TryNetlink(out var netlink).IsNone)
                InterfaceRoute.Remove(netlink, Name, network, metric);
        });
    }

    private static LinuxError Unless(int tolerated, LinuxError error) => error.Errno == tolerated ? LinuxError.None : error;
}
