using System.Diagnostics.CodeAnalysis;
using System.Net;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Offload;
using L2tpd.Ppp.Data;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.PppHosting.Userspace.Demand;

/// <summary>
/// The interface of a session that is dialled on demand. It is there before the session, with its routes, and stays after it: while the
/// session is down, its packets are read here, and the first ones are kept; while it is up, the session's link has the interface.
/// </summary>
/// <remarks>
/// Loop thread, except for what is marked as the worker's. States: being made, waiting, lent to a link, retired (no longer configured;
/// closed when the link gives it back). The addresses of a call stay until the next one: connections survive if the peer gives the same
/// address again. Known races: a reload while the interface is lent (the change follows when it is given back); a link that closes before
/// it has taken the interface (there is nothing to give back).
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Close and Lend dispose of the port; the interface may be made again after Close.")]
internal sealed class DemandInterface(UserspacePppLinks links, DemandSession settings, int number)
{
    /// <summary>The engine is told again after this time, in case that it could not dial.</summary>
    private const long BetweenReports = 1_000;

    /// <summary>Time after which an interface that cannot be made is tried again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The peer makes its own interface when it has acknowledged our address, and drops packets until then: those that waited, often a
    /// single one, would be lost.
    /// </summary>
    private static readonly TimeSpan PeerIsReady = TimeSpan.FromMilliseconds(200);

    // As pppd has them for `demand`.
    private static readonly IPAddress FirstLocal = IPAddress.Parse("10.64.64.64");
    private static readonly IPAddress FirstRemote = IPAddress.Parse("10.112.112.112");

    private readonly DemandQueue _queue = new();
    private DemandSession? _next;
    private DemandPort? _port;
    private TunTap? _tun;
    private IPAddress? _address;
    private long _holdUntil;
    private long _nextReport;
    private UserspacePppLink? _link;
    private bool _isRetired;

    // The worker's.
    private readonly List<GuardedRoute> _guards = [];
    private LinkNetwork? _ipv4;
    private LinkNetwork? _ipv6;
    private uint _index;

    /// <summary>Its configuration.</summary>
    public DemandSession Settings { get; private set; } = settings;

    /// <summary>Counts the interfaces: those of different numbers have different placeholders. 0 to 63.</summary>
    public int Number => number;

    /// <summary>Makes the interface.</summary>
    public void Make()
    {
        var wanted = Settings;
        links.Worker.Add(() =>
        {
            var error = MakeOnWorker(wanted, out var tun, out var route);
            links.Sink.Post(() => OnMade(wanted, tun, error, route));
        });
    }

    /// <summary>Takes a configuration, if it is another one: at once, or when the link gives the interface back.</summary>
    public void Change(DemandSession changed)
    {
        _next = null;
        if (Settings.IsLike(changed))
            return;
        if (_link is not null)
        {
            _next = changed;
            return;
        }

        Close();
        Settings = changed;
        Make();
    }

    /// <summary>It is no longer configured: closes it, now or when the link gives it back.</summary>
    public void Retire()
    {
        _isRetired = true;
        if (_link is null)
            Close();
    }

    /// <summary>The daemon ends, and no link gives the interface back any more.</summary>
    public void Abandon()
    {
        _link = null;
        Retire();
    }

    /// <summary>The session failed: for a while no packet is kept.</summary>
    public void HoldOff(TimeSpan time)
    {
        _holdUntil = links.Timers.Now + (long)time.TotalMilliseconds;
        DropAll();
    }

    /// <summary>The device, for the link that makes the session's network; <c>null</c>: there is none. Worker thread only.</summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="mtu">Largest packet of the session, octets.</param>
    /// <param name="tun">The device.</param>
    public LinuxError TryUse(RtNetlink netlink, int mtu, out TunTap? tun)
    {
        tun = Volatile.Read(ref _tun);
        return tun is null
            ? new LinuxError(Errno.ENODEV, "interface", Settings.Link.Interface ?? Settings.FullName)
            : netlink.SetLink(tun.Name, up: true, mtu: (uint)Math.Min(mtu, UserspacePppLink.LargestPacket));
    }

    /// <summary>
    /// Gives the interface the addresses of a network layer. Those of the call before go last: with its last address the interface would
    /// lose its routes. Worker thread only.
    /// </summary>
    public LinuxError SetAddress(RtNetlink netlink, string name, LinkNetwork network)
    {
        var error = InterfaceAddress.Add(netlink, name, network);
        if (!error.IsNone && error.Errno != Errno.EEXIST)
            return error;
        if (network.IsIPv6)
        {
            _ipv6 = network;
            return LinuxError.None;
        }

        if (_ipv4 is { } former && !(former.Local.Equals(network.Local) && Equals(former.Peer, network.Peer)))
            _ = netlink.RemoveAddress(name, former.Local, former.PrefixLength, former.Peer);
        _ipv4 = network;
        return LinuxError.None;
    }

    /// <summary>The default route and its guards are the interface's, not the call's.</summary>
    public static LinkNetwork WithoutRoute(LinkNetwork network) =>
        network.Routes is { Default: true } routes ? network with { Routes = routes with { Default = false } } : network;

    /// <summary>A link has the interface from now on.</summary>
    public void Lend(UserspacePppLink link)
    {
        _link = link;
        _port?.Dispose();
        _port = null;
    }

    /// <summary>A network layer is up: sends what waited for it, after <see cref="PeerIsReady"/>.</summary>
    public void OnNetworkUp(UserspacePppLink link, LinkNetwork network)
    {
        var former = network.IsIPv6 || network.Local.Equals(_address) ? null : _address;
        if (!network.IsIPv6)
            _address = network.Local;
        links.Timers.After(PeerIsReady, () =>
        {
            if (ReferenceEquals(_link, link))
                Flush(link, network.IsIPv6 ? 6 : 4, former);
        });
    }

    private void Flush(UserspacePppLink link, int version, IPAddress? former)
    {
        foreach (var packet in _queue.TakeAll())
        {
            if (IpAddresses.VersionOf(packet) != version)
                _queue.Add(packet);
            else if (HasFormerSource(packet, former) || !link.TrySend(new SegmentedPacket(packet), 0))
                links.Drops.NotConnected++;
        }
    }

    /// <summary>The link has closed: packets are read here again. With the link's last work on the worker.</summary>
    public void TakeBack()
    {
        if (_link is null)
            return;
        _link = null;
        DropAll();
        if (_isRetired)
        {
            Close();
        }
        else if (_next is { } next)
        {
            _next = null;
            Change(next);
        }
        else if (_tun is { } tun)
        {
            _nextReport = 0;
            _port = new DemandPort(tun, links, this);
        }
    }

    /// <summary>What the link's end undid on the interface. Worker thread only.</summary>
    public void Restore(RtNetlink netlink)
    {
        if (_tun is { } tun && _ipv6 is { } six)
            _ = netlink.RemoveAddress(tun.Name, six.Local, six.PrefixLength, six.Peer);
        _ipv6 = null;
        if (_index != 0)
            links.Guards.AddInterface(_index);
    }

    /// <summary>A packet of the system while the session is down.</summary>
    public void OnPacket(in SegmentedPacket packet, int index)
    {
        if (!DemandFilter.Dials(packet.Whole) || DemandFilter.IsFor(packet.Whole, Settings.TunnelEnds))
            return;
        var length = packet.LengthOf(index);
        if (links.Timers.Now < _holdUntil || !_queue.HasRoom(length))
        {
            links.Drops.NotConnected++;
        }
        else
        {
            var copy = new byte[length];
            packet.Write(index, copy);
            _queue.Add(copy);
        }

        Report();
    }

    /// <summary>Somebody deleted the interface: makes it again.</summary>
    public void OnInterfaceDeleted()
    {
        links.LogDemandDeleted(_tun?.Name ?? Settings.FullName, Settings.FullName);
        Close();
        Make();
    }

    /// <summary>Closes the interface, which is not lent.</summary>
    public void Close()
    {
        _port?.Dispose();
        _port = null;
        DropAll();
        var tun = _tun;
        _tun = null;
        links.Worker.Add(() => CloseOnWorker(tun));
    }

    private void Report()
    {
        var now = links.Timers.Now;
        if (now < _nextReport || now < _holdUntil)
            return;
        _nextReport = now + BetweenReports;
        links.Sink.Submit(new TrafficWaits(Settings.Tunnel, Settings.Session));
    }

    private void DropAll() => links.Drops.NotConnected += _queue.TakeAll().Length;

    private static bool HasFormerSource(ReadOnlySpan<byte> packet, IPAddress? former) =>
        former is not null && IpAddresses.VersionOf(packet) == 4
        && IpAddresses.Source4(packet) is var source && source == BuiltInProfile.AddressOf(former);

    private void OnMade(DemandSession wanted, TunTap? tun, LinuxError error, LinuxError route)
    {
        if (_isRetired || !ReferenceEquals(wanted, Settings))
        {
            // What was set up with it is undone already: the work of Close came after that of Make.
            links.Worker.Add(() => tun?.Dispose());
            return;
        }

        if (tun is null)
        {
            links.LogDemandNotMade(wanted.FullName, error);
            links.Timers.After(Retry, () => MakeIfWanted(wanted));
            return;
        }

        if (!route.IsNone)
            links.LogDemandNoRoute(wanted.FullName, tun.Name, route);
        (_tun, _address) = (tun, LocalOf(wanted));
        _port = new DemandPort(tun, links, this);
        links.LogDemandMade(tun.Name, wanted.FullName);
    }

    private void MakeIfWanted(DemandSession wanted)
    {
        if (!_isRetired && ReferenceEquals(wanted, Settings) && _tun is null && !links.IsDisposed)
            Make();
    }

    private IPAddress LocalOf(DemandSession wanted) => wanted.Local ?? Placeholder(FirstLocal);

    private IPAddress Placeholder(IPAddress first)
    {
        var octets = first.GetAddressBytes();
        octets[3] += (byte)number;
        return new IPAddress(octets);
    }

    private LinuxError MakeOnWorker(DemandSession wanted, out TunTap? tun, out LinuxError route)
    {
        (tun, route) = (null, LinuxError.None);
        var error = links.Worker.TryNetlink(out var netlink);
        if (error.IsNone)
            error = OwnTun.TryMake(netlink, wanted.Link, wanted.Link.Mtu, links.Buffers.UseOffloads, out tun);
        if (!error.IsNone)
            return error;
        var name = tun!.Name;
        _ipv4 = new LinkNetwork(
            LocalOf(wanted), wanted.Remote ?? Placeholder(FirstRemote), wanted.Link.Mtu,
            wanted.Routes with { TunnelEnd = wanted.TunnelEnds is [var first, ..] ? first : null });
        var guard = new GuardedRoute(links.Guards);
        _guards.Add(guard);
        error = guard.Add(netlink, name, _ipv4, () => InterfaceAddress.Add(netlink, name, _ipv4), out route);
        foreach (var end in wanted.TunnelEnds.Skip(1))
        {
            var other = new GuardedRoute(links.Guards);
            _guards.Add(other);
            var unguarded = other.Guard(netlink, name, end, isRequired: wanted.Routes.Default);
            route = route.IsNone ? unguarded : route;
        }

        _index = netlink.GetLink(name, out var link).IsNone ? link!.Index : 0;
        if (!error.IsNone)
        {
            CloseOnWorker(tun);
            tun = null;
        }

        return error;
    }

    private void CloseOnWorker(TunTap? tun)
    {
        if (links.Worker.TryNetlink(out var netlink).IsNone)
        {
            foreach (var guard in _guards)
                guard.RemoveGuard(netlink);
        }

        _guards.Clear();
        (_ipv4, _ipv6, _index) = (null, null, 0);
        tun?.Dispose();
    }
}
