using System.Diagnostics.CodeAnalysis;
using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;
using L2tpd.Ppp;
using L2tpd.Ppp.Data;
using L2tpd.Ppp.Inform;
using L2tpd.Ppp.Wire;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Userspace.Demand;

namespace L2tpd.PppHosting.Userspace;

/// <summary>
/// PPP of one session of the userspace data plane. Packets pass between the session and an interface without the endpoint, and without an
/// allocation; only IPv6 control packets are offered to the endpoint.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Close disposes of the port.")]
public sealed partial class UserspacePppLink(
    UserspacePppLinks links, UserspaceSession session, LinkSettings settings, SharedTun? shared, IPppLinkObserver observer)
    : IPppLink, ISessionPort
{
    /// <summary>Longest IP packet, octets: the room in a buffer of the data plane after the longest headers.</summary>
    public const int LargestPacket = 9_500;

    private const int LongestEarlyFrame = 512;

    private GuardedRoute? _route;
    private OwnTun? _own;
    private TunTap? _tun;
    private byte[]? _early;
    private long _lastIn;
    private long _lastOut;
    private int _mtu;
    private Flags _flags;

    [Flags]
    private enum Flags : byte
    {
        None = 0,
        Open = 1,
        Closing = 2,
        Ipv4 = 4,
        Ipv6 = 8,
        CompressProtocol = 16,
        CompressAddress = 32,
        CheckSource = 64,
        Informs = 128,
    }

    /// <inheritdoc/>
    public string? Interface => settings.Shape switch
    {
        PppInterfaceShape.None => LinkSettings.NoInterface,
        PppInterfaceShape.Shared => shared?.Name,
        _ => _own?.Name,
    };

    /// <inheritdoc/>
    public bool OutlivesSession => false;

    /// <summary>The peer's IPv4 address; none before IPv4 is up.</summary>
    public Ipv4Address PeerAddress { get; private set; }

    /// <summary>The peer's identifier; 0 before IPv6 is up.</summary>
    public ulong PeerIdentifier { get; private set; }

    /// <summary>Largest packet to the peer, octets; 0 before it is negotiated.</summary>
    public ushort TransmitLimit { get; private set; }

    private int HeaderSize => (_flags.HasFlag(Flags.CompressAddress) ? 0 : 2) + (_flags.HasFlag(Flags.CompressProtocol) ? 1 : 2);

    private bool IsClosing => _flags.HasFlag(Flags.Closing);

    /// <inheritdoc/>
    public void Open(IPAddress? tunnelEnd)
    {
        session.Port = this;
        if (tunnelEnd is not null)
            links.Worker.Add(() => Watch(tunnelEnd));
        links.Sink.Post(OnOpened);
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> frame)
    {
        if (!IsClosing)
            session.Send(frame);
    }

    /// <inheritdoc/>
    public void SetFraming(LinkParameters link)
    {
        _flags = (_flags & ~(Flags.CompressProtocol | Flags.CompressAddress))
            | (link.CompressProtocol ? Flags.CompressProtocol : Flags.None) | (link.CompressAddress ? Flags.CompressAddress : Flags.None);
        TransmitLimit = link.TransmitLimit;
        _mtu = Math.Min(link.TransmitLimit, link.ReceiveLimit);
    }

    /// <inheritdoc/>
    public void AddNetwork(LinkNetwork network)
    {
        SetLimit((ushort)network.Mtu);
        if (network.CheckSource)
            _flags |= Flags.CheckSource;
        if (network.Informs)
            _flags |= Flags.Informs;
        if (network.IsIPv6)
            PeerIdentifier = network.Peer is { } six ? SessionDescription.IdentifierOf(six) : 0;
        else
            PeerAddress = BuiltInProfile.AddressOf(network.Peer);
        switch (settings.Shape)
        {
            case PppInterfaceShape.None:
                Report(network, LinuxError.None);
                break;
            case PppInterfaceShape.Shared:
                Report(network, shared?.Add(this, network) ?? new LinuxError(Errno.ENODEV, "shared interface", settings.Interface!));
                break;
            default:
                links.Worker.Add(() => Make(network));
                break;
        }
    }

    /// <inheritdoc/>
    public void RemoveNetwork(LinkNetwork network)
    {
        if (!_flags.HasFlag(FlagOf(network)))
            return;
        _flags &= ~FlagOf(network);
        shared?.Remove(this, network);
        if (settings.Shape == PppInterfaceShape.Own && (Demand is null || network.IsIPv6))
        {
            links.Worker.Add(() =>
            {
                if (_tun is not null && links.Worker.TryNetlink(out var netlink).IsNone)
                    netlink.RemoveAddress(_tun.Name, network.Local, network.PrefixLength, network.Peer);
            });
        }
    }

    /// <inheritdoc/>
    public bool TryGetIdle(out TimeSpan transmit, out TimeSpan receive)
    {
        var now = links.Timers.Now;
        (transmit, receive) = (TimeSpan.FromMilliseconds(now - _lastOut), TimeSpan.FromMilliseconds(now - _lastIn));
        return (_flags & (Flags.Ipv4 | Flags.Ipv6)) != 0 && !IsClosing;
    }

    /// <inheritdoc/>
    public void RequestCounters()
    {
        var counters = session.Statistics;
        observer.OnCounters(new SessionCounters(
            counters.ReceiveBytes, counters.TransmitBytes, counters.ReceivePackets, counters.TransmitPackets));
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (IsClosing)
            return;
        _flags |= Flags.Closing;
        session.Port = null;
        RemoveSharedRoutes();
        _own?.Dispose();
        if (settings.Shape != PppInterfaceShape.Own)
        {
            links.Sink.Post(observer.OnClosed);
            return;
        }

        links.Worker.Add(() =>
        {
            ReleaseInterface();
            links.Sink.Post(OnClosed);
        });
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> payload)
    {
        if (IsClosing)
            return;
        if (!PppFrame.TryParse(payload, out var frame))
            links.Drops.Malformed++;
        else if (frame.Protocol == PppProtocol.Ipv4 && _flags.HasFlag(Flags.Ipv4))
            TakePacket(frame.Payload, 4);
        else if (frame.Protocol == PppProtocol.Ipv6 && _flags.HasFlag(Flags.Ipv6))
            TakePacket(frame.Payload, 6);
        else if (_flags.HasFlag(Flags.Open))
            observer.OnFrame(payload);
        else if (_early is null && payload.Length <= LongestEarlyFrame)
            _early = payload.ToArray();
    }

    /// <summary>Sends a packet of the system, or drops it if it is not for this link.</summary>
    /// <returns>False if the socket is full now.</returns>
    public bool TrySend(in SegmentedPacket packet, int index)
    {
        var room = session.BeginSend();
        if (room.IsEmpty)
            return false;
        var (header, length) = (HeaderSize, packet.LengthOf(index));
        if (header + length > room.Length)
        {
            links.Drops.NoRoom++;
            return true;
        }

        if (IsAboveRate(length))
            return true;
        packet.Write(index, room[header..]);
        if (Complete(room[..(header + length)]))
            session.EndSend(header + length);
        return true;
    }

    /// <summary>The session's interface was deleted from outside: the session ends, and a new one will have an interface again.</summary>
    public void OnInterfaceDeleted(string name)
    {
        if (IsClosing)
            return;
        links.LogInterfaceGone(name, session.Parameters.LocalId.Value);
        links.Sink.Submit(new SessionFailed(session.Key, $"the session's interface {name} was deleted from outside"));
    }

    /// <summary>The shared interface was deleted and cannot be created again.</summary>
    public void OnSharedInterfaceLost(string name, LinuxError error)
    {
        if (!IsClosing)
        {
            links.Sink.Submit(new SessionFailed(
                session.Key, $"the interface {name} was deleted from outside and cannot be created again: {error}"));
        }
    }

    /// <summary>Writes the PPP header before a packet that starts at <see cref="HeaderSize"/>.</summary>
    /// <returns>False if the packet must not be sent.</returns>
    private bool Complete(Span<byte> frame)
    {
        var packet = frame[HeaderSize..];
        var version = IpAddresses.VersionOf(packet);
        if (version == 0 || !_flags.HasFlag(version == 4 ? Flags.Ipv4 : Flags.Ipv6))
            return false;
        // A route may lead the tunnel's own packets here; while the uplink is down, in spite of the guard.
        if (TunnelPacket.IsTo(packet, session.Tunnel.Parameters.Path.Remote))
        {
            links.OnLoop(Interface ?? LinkSettings.NoInterface, session);
            return false;
        }

        if (settings.ClampMss)
            TcpMss.Clamp(packet, _mtu);
        var protocol = (byte)(version == 4 ? PppProtocol.Ipv4 : PppProtocol.Ipv6);
        var at = 0;
        if (!_flags.HasFlag(Flags.CompressAddress))
            (frame[at++], frame[at++]) = (0xff, 0x03);
        if (!_flags.HasFlag(Flags.CompressProtocol))
            frame[at++] = 0;
        frame[at] = protocol;
        // What the system sends by itself does not keep a session up that traffic dials.
        if (Demand is null || DemandFilter.Dials(packet))
            _lastOut = links.Timers.Now;
        return true;
    }

    // Only the network's limit has what the user was authorised for (Framed-MTU).
    private void SetLimit(ushort mtu)
    {
        TransmitLimit = mtu;
        _mtu = _mtu == 0 ? mtu : Math.Min(_mtu, mtu);
    }

    private static Flags FlagOf(LinkNetwork network) => network.IsIPv6 ? Flags.Ipv6 : Flags.Ipv4;

    private void TakePacket(ReadOnlySpan<byte> packet, int version)
    {
        _lastIn = links.Timers.Now;
        if (IpAddresses.VersionOf(packet) != version)
        {
            links.Drops.Malformed++;
            return;
        }

        // Before the check of the source: discovery and DHCPv6 come from the link-local address, or from none (RFC 4861 section 6.1.1).
        if (version == 6 && Ipv6Control.IsControl(packet) && IsOfPeerOrNobody(packet) && observer.OnControlPacket(packet))
            return;

        if (version == 4 && _flags.HasFlag(Flags.Informs) && DhcpInform.IsToServer(packet) && observer.OnControlPacket(packet))
            return;

        // Behind a shared interface only the source distinguishes subscribers.
        if ((shared is not null || _flags.HasFlag(Flags.CheckSource)) && !IsOfPeer(packet, version))
            links.Drops.WrongSource++;
        else if (IsTurnedBack(packet, version))
            links.Drops.Hairpin++;
        else if (shared is not null && version == 6 && IpAddresses.IsLinkMulticast(packet))
            links.Drops.LinkMulticast++;
        else if (_rates is null || MayPass(packet.Length))
            Deliver(shared is null ? _own : shared.Port, packet);
    }

    private void Deliver(TunPort? tun, ReadOnlySpan<byte> packet)
    {
        if (tun is null)
        {
            links.Drops.Discarded++;
        }
        else if (settings.ClampMss && TcpMss.NeedsClamp(packet, _mtu, out var tcp, out var option))
        {
            var copy = links.Buffers.Read.AsSpan(0, packet.Length);
            packet.CopyTo(copy);
            TcpMss.Clamp(copy, _mtu, tcp, option);
            tun.Deliver(copy);
        }
        else
        {
            tun.Deliver(packet);
        }
    }

    /// <summary>Worker thread only.</summary>
    private void Watch(IPAddress tunnelEnd)
    {
        _route = new GuardedRoute(links.Guards);
        // A route that cannot be read is an error when the session gets its interface.
        if (links.Worker.TryNetlink(out var netlink).IsNone)
            _route.Watch(netlink, tunnelEnd);
    }

    private void OnOpened()
    {
        if (IsClosing)
            return;
        _flags |= Flags.Open;
        observer.OnOpened(LinuxError.None);
        var early = _early ?? session.TakeEarly();
        _early = null;
        // A peer may start before us. If its first frame were lost it would wait for its restart timer.
        if (early is not null && !IsClosing)
            observer.OnFrame(early);
    }

    /// <summary>Makes the interface, if there is none yet, and adds the layer's address. Worker thread only.</summary>
    private void Make(LinkNetwork network)
    {
        var error = links.Worker.TryNetlink(out var netlink);
        if (error.IsNone && _tun is null)
            error = TakeInterface(netlink, network.Mtu);
        var route = LinuxError.None;
        if (error.IsNone)
        {
            error = (_route ??= new GuardedRoute(links.Guards)).Add(
                netlink, _tun!.Name, Demand is null ? network : DemandInterface.WithoutRoute(network),
                () => SetAddress(netlink, network), out route);
        }

        links.Sink.Post(() => OnMade(network, error, route));
    }

    private void Report(LinkNetwork network, LinuxError error)
    {
        if (error.IsNone)
            _flags |= FlagOf(network);
        links.Sink.Post(() => OnAdded(network, error));
    }

    private void OnAdded(LinkNetwork network, LinuxError error)
    {
        if (IsClosing)
            return;
        if (error.IsNone)
        {
            _flags |= FlagOf(network);
            Demand?.OnNetworkUp(this, network);
        }

        observer.OnNetworkAdded(network, error);
    }
}
