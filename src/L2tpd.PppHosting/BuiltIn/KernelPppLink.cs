using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Ppp;
using L2tpd.Linux.Sockets;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// One session's channel and, once a network layer is up, its unit. All frames are written to the channel. Frames from the peer are read
/// from the channel, except for those of the network control protocols once there is a unit. IPv6 control packets go through the unit's
/// interface to the host; see <see cref="KernelControlPackets"/>.
/// </summary>
internal sealed class KernelPppLink(
    KernelPppLinks links, SessionKey session, FileDescriptor socket, LinkSettings settings, IPppLinkObserver observer) : IPppLink
{
    /// <summary>Room for the largest control packet, octets. A data packet may be cut: it is dropped in any case.</summary>
    public const int LargestFrame = 4096;

    // Frames that are read per turn and descriptor, so that one peer cannot occupy the loop.
    private const int FramesATurn = 16;

    private readonly GuardedRoute _route = new(links.Guards);
    private readonly InterfaceRates _limits = new();
    private SessionRates _rates = SessionRates.None;
    private KernelPppUnit? _unit;
    private PppDevice? _channel;
    private LoopRegistration? _channelWatch;
    private LoopRegistration? _unitWatch;
    private readonly KernelControlPackets?[] _control = new KernelControlPackets?[2];
    private bool _closing;

    /// <inheritdoc/>
    public string? Interface { get; private set; } = settings.Shape == PppInterfaceShape.None ? LinkSettings.NoInterface : null;

    /// <inheritdoc/>
    public bool OutlivesSession => true;

    /// <inheritdoc/>
    public void Open(IPAddress? tunnelEnd) => links.Worker.Add(() =>
    {
        // A route that cannot be read is an error when the session gets its interface.
        if (tunnelEnd is not null && links.Worker.TryNetlink(out var netlink).IsNone)
            _route.Watch(netlink, tunnelEnd);
        PppDevice? opened = null;
        var error = PppoxSocket.GetChannel(socket, out var channel);
        if (error.IsNone)
            error = PppDevice.TryOpenChannel(channel, out opened);
        _channel = opened;
        links.Sink.Post(() => OnOpened(error));
    });

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> frame)
    {
        if (!_closing)
            _channel?.Write(PppFrame.WithoutAddressAndControl(frame));
    }

    /// <inheritdoc/>
    public void AddNetwork(LinkNetwork network)
    {
        if (settings.Shape == PppInterfaceShape.None)
            links.Sink.Post(() => OnNetworkAdded(null, null, network, LinuxError.None, LinuxError.None));
        else
            links.Worker.Add(() => MakeNetwork(network));
    }

    /// <inheritdoc/>
    public void RemoveNetwork(LinkNetwork network) => links.Worker.Add(() =>
    {
        if (_unit is not null && links.Worker.TryNetlink(out var netlink).IsNone)
            _unit.Remove(netlink, network);
    });

    /// <inheritdoc/>
    public void SetRates(SessionRates rates) => links.Worker.Add(() =>
    {
        _rates = rates;
        if (_unit is not null && links.Worker.TryNetlink(out var netlink).IsNone)
            ApplyRates(netlink, _unit.Interface);
    });

    private void ApplyRates(RtNetlink netlink, string name)
    {
        var error = _limits.Apply(netlink, name, _rates, out var module);
        if (!error.IsNone)
            links.Sink.Post(() => observer.OnRatesRefused(error, module));
    }

    /// <inheritdoc/>
    public void AddRoute(IPNetwork destination, uint metric) => links.Worker.Add(() =>
    {
        var error = links.Worker.TryNetlink(out var netlink);
        // Without an interface nothing is delivered to the peer.
        if (error.IsNone && _unit is { } unit)
            error = InterfaceRoute.Add(netlink, unit.Interface, destination, metric);
        links.Sink.Post(() =>
        {
            if (!_closing)
                observer.OnRouteAdded(destination, error);
        });
    });

    /// <inheritdoc/>
    public void RemoveRoute(IPNetwork destination, uint metric) => links.Worker.Add(() =>
    {
        if (_unit is { } unit && links.Worker.TryNetlink(out var netlink).IsNone)
            InterfaceRoute.Remove(netlink, unit.Interface, destination, metric);
    });

    private void MakeNetwork(LinkNetwork network)
    {
        var error = links.Worker.TryNetlink(out var netlink);
        if (error.IsNone && _unit is null && _channel is not null)
        {
            // The path of this tunnel may carry less than the profile's other ones.
            error = links.Clamp(settings);
            if (error.IsNone)
                error = KernelPppUnit.TryMake(_channel, netlink, settings, _route, links.Sources, out _unit);
            if (_unit is not null)
                ApplyRates(netlink, _unit.Interface);
        }

        var route = LinuxError.None;
        if (error.IsNone && _unit is not null)
            error = _unit.Add(netlink, network, out route);
        var made = _unit;
        LinkControlSocket? control = null;
        if (error.IsNone && made is not null && (network.Router == LinkRouter.Ours || network.Informs))
            error = KernelControlPackets.TryOpen(netlink, made.Interface, network.IsIPv6, out control);
        links.Sink.Post(() => OnNetworkAdded(made, control, network, error, route));
    }

    /// <inheritdoc/>
    public bool TryGetIdle(out TimeSpan transmit, out TimeSpan receive)
    {
        (transmit, receive) = (default, default);
        return !_closing && _unitWatch is not null && _unit is { } unit && unit.Device.GetIdle(out transmit, out receive).IsNone;
    }

    /// <inheritdoc/>
    public void SetFraming(LinkParameters link)
    {
        // The kernel sends both fields in full, which every peer must accept.
    }

    /// <inheritdoc/>
    public void RequestCounters()
    {
        var id = (session.Tunnel.LocalId, session.LocalId);
        links.DataPlane.Traffic!.ReadAsync([id]).ContinueWith(
            read => links.Sink.Post(() =>
                OnStatistics(read.IsCompletedSuccessfully && read.Result.TryGetValue(id, out var found) ? found : null)),
            TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (_closing)
            return;
        _closing = true;
        StopWatching();
        links.Worker.Add(() =>
        {
            if (links.Worker.TryNetlink(out var netlink).IsNone)
                _route.RemoveGuard(netlink);
            _unit?.Device.Dispose();
            _channel?.Dispose();
            links.Sink.Post(() =>
            {
                links.DataPlane.PppSockets?.Return(session);
                observer.OnClosed();
            });
        });
    }

    private void OnOpened(LinuxError error)
    {
        if (_closing)
            return;
        if (error.IsNone)
            _channelWatch = Watch(_channel!);
        observer.OnOpened(error);
    }

    private void OnNetworkAdded(
        KernelPppUnit? unit, LinkControlSocket? control, LinkNetwork network, LinuxError error, LinuxError route)
    {
        if (control is not null)
            StartControl(control, network.IsIPv6 ? 1 : 0);
        if (_closing)
            return;
        if (unit is not null && _unitWatch is null)
        {
            _unitWatch = Watch(unit.Device);
            Interface = unit.Interface;
        }

        if (!route.IsNone)
            observer.OnRouteRefused(route);
        observer.OnNetworkAdded(network, error);
    }

    /// <summary>One for each layer, however often that is negotiated.</summary>
    private void StartControl(LinkControlSocket socket, int layer)
    {
        if (_closing || _control[layer] is not null)
            socket.Dispose();
        else
            _control[layer] = KernelControlPackets.Start(links, socket, observer);
    }

    private void OnStatistics(TrafficCounters? counters)
    {
        if (!_closing)
        {
            observer.OnCounters(counters is { } c
                ? new SessionCounters(c.ReceiveBytes, c.TransmitBytes, c.ReceivePackets, c.TransmitPackets) : null);
        }
    }

    private LoopRegistration Watch(PppDevice device) =>
        links.Events.Register(device.Descriptor, Readiness.Readable, new GuardedHandler(new Reader(this, device), links.Faults));

    private void StopWatching()
    {
        _channelWatch?.Dispose();
        _unitWatch?.Dispose();
        foreach (var control in _control)
            control?.Dispose();
        Array.Clear(_control);
        (_channelWatch, _unitWatch) = (null, null);
    }

    private void Read(PppDevice device, Readiness readiness)
    {
        for (var i = 0; i < FramesATurn && !_closing; i++)
        {
            var count = device.Read(links.Buffer);
            if (count == 0 || (count < 0 && readiness.HasFlag(Readiness.HangUp)))
            {
                // The session was removed in the kernel: no more frames will come.
                StopWatching();
                observer.OnHangUp();
                return;
            }

            if (count == -Errno.EAGAIN)
                return;
            if (count > 0)
                observer.OnFrame(links.Buffer[..count]);
        }
    }

    private sealed class Reader(KernelPppLink link, PppDevice device) : IReadinessHandler
    {
        public void OnReady(Readiness readiness) => link.Read(device, readiness);
    }
}
