using L2tpd.Daemon.Configuration;
using L2tpd.Daemon.Loop;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Daemon.Effects;

/// <summary>
/// The daemon's UDP sockets: listeners, own sockets of dialled tunnels, and the connected sockets the kernel's data path wants. Datagrams go to the engine from
/// whichever they come in by. Loop thread only, but for <see cref="AddListener"/> before the loop runs.
/// </summary>
public sealed class Transports : ITransportHandler, IDisposable
{
    private const int MostErrorsATurn = 32;
    private const int ListenerBuffer = 8 << 20;

    private readonly EventLoop _events;
    private readonly EngineLoop _engine;
    private readonly FaultLog _faults;
    private readonly TransportOpener _opener;
    private readonly ReceiveBatch _batch = new();
    private readonly List<Transport> _listeners = [];
    private readonly Dictionary<int, Transport> _byNumber = [];
    private readonly Dictionary<TunnelKey, Transport> _byTunnel = [];
    private readonly Dictionary<Endpoint, TunnelKey> _byRemote = [];
    private readonly Dictionary<TunnelKey, Endpoint> _remotes = [];
    private int _lastNumber;

    public Transports(EventLoop events, EngineLoop engine, FaultLog faults, DescriptorBudget budget)
    {
        (_events, _engine, _faults) = (events, engine, faults);
        _opener = new TransportOpener(budget);
        Outbox = new Outbox(OnRefused);
    }

    /// <summary>What waits to be sent.</summary>
    public Outbox Outbox { get; }

    /// <summary>Sockets open.</summary>
    public int Count => _listeners.Count + _byTunnel.Count;

    /// <summary>Datagrams for a socket that is no longer there.</summary>
    public long Homeless { get; private set; }

    /// <summary>Opens a listener.</summary>
    /// <returns>Where it is bound; or the error.</returns>
    public LinuxError AddListener(Listener listener, out Endpoint local)
    {
        var options = new UdpSocketOptions
        {
            Local = SockAddr.From(listener.Address, listener.Port),
            BindDevice = listener.BindDevice,
            FwMark = listener.FwMark,
            ReceiveBuffer = ListenerBuffer,
            SendBuffer = ListenerBuffer,
        };
        local = default;
        var error = ListenerProbe.TryOpen(options, out var socket);
        if (!error.IsNone)
            return error;
        var transport = Add(++_lastNumber, TransportKind.Listener, default, socket!);
        local = transport.Local;
        _listeners.Add(transport);
        _byNumber[transport.Number] = transport;
        return LinuxError.None;
    }

    /// <summary>Queues a datagram.</summary>
    public void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        if (!TryFind(path, tunnel, out var transport))
            Homeless++;
        else if (transport.ConnectedTo is { } peer && (peer == path.Remote || Reconnect(transport, path.Remote)))
            Outbox.Add(transport, tunnel, SockAddr.None, SockAddr.None, datagram);
        else if (transport.ConnectedTo is null)
            Outbox.Add(transport, tunnel, path.Remote.ToSockAddr(), path.Local.Address == 0 ? SockAddr.None : path.Local.ToSockAddr(), datagram);
    }

    /// <summary>Finds or opens the socket of a dialled tunnel and tells the engine.</summary>
    public void Open(TunnelKey tunnel, TransportRequest request)
    {
        if (SharedListener(request) is { } listener)
        {
            Remember(tunnel, request.Remote);
            var local = listener.Local with { Address = TransportOpener.LocalAddressOf(request)?.Address ?? listener.Local.Address };
            _engine.Submit(new TransportOpened(tunnel, new Path(listener.Number, local, request.Remote)));
            return;
        }

        var error = _opener.TryOpenOwn(request, _listeners.Count > 0, out var socket);
        if (error is not null)
        {
            _engine.Submit(new TransportFailed(tunnel, error));
            return;
        }

        Remember(tunnel, request.Remote);
        var transport = Add(++_lastNumber, TransportKind.Own, tunnel, socket!);
        transport.ConnectedTo = request.SourcePort != 0 && _listeners.Count > 0 ? request.Remote : null;
        _byNumber[transport.Number] = transport;
        _byTunnel[tunnel] = transport;
        _engine.Submit(new TransportOpened(tunnel, new Path(transport.Number, transport.Local, request.Remote)));
    }

    /// <summary>
    /// Gets the socket, connected to the peer, that the kernel's data path takes over: the dialled tunnel's own, or a new one on the listener's address and port.
    /// </summary>
    /// <returns>The error; none: <paramref name="descriptor"/> is the socket.</returns>
    public LinuxError Connect(TunnelKey tunnel, TunnelParameters parameters, out FileDescriptor? descriptor)
    {
        descriptor = null;
        Remember(tunnel, parameters.Path.Remote);
        if (!_byTunnel.TryGetValue(tunnel, out var transport))
        {
            var error = _opener.TryOpenBeside(parameters, out var socket);
            if (!error.IsNone)
                return error;
            // Datagrams of others that it swallowed between bind and connect go to the engine under the listener's number.
            transport = Add(parameters.Path.Transport, TransportKind.Connected, tunnel, socket!);
            _byTunnel[tunnel] = transport;
        }
        else if (transport.Socket.Connect(parameters.Path.Remote.ToSockAddr()) is { IsNone: false } failure)
        {
            return failure;
        }

        transport.ConnectedTo = parameters.Path.Remote;
        descriptor = transport.Socket.Descriptor;
        return LinuxError.None;
    }

    /// <summary>
    /// The socket by which data of a tunnel go when the daemon carries them itself: the one its control messages go by. A dialled tunnel's own is connected now that its peer is known.
    /// </summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="path">Its addresses.</param>
    /// <param name="transport">The socket.</param>
    /// <param name="isConnected">Sends need no address.</param>
    public LinuxError FindForData(TunnelKey tunnel, in Path path, out Transport? transport, out bool isConnected)
    {
        Remember(tunnel, path.Remote);
        isConnected = false;
        if (!TryFind(path, tunnel, out transport))
            return new LinuxError(Errno.ENOTSOCK, "socket", path.Local.ToString());
        if (transport.Kind == TransportKind.Listener)
            return LinuxError.None;
        if (transport.ConnectedTo != path.Remote && transport.Socket.Connect(path.Remote.ToSockAddr()) is { IsNone: false } failure)
            return failure;
        transport.ConnectedTo = path.Remote;
        transport.Socket.GrowBuffers(ListenerBuffer);
        isConnected = true;
        return LinuxError.None;
    }

    /// <summary>Notes where a tunnel's peer is, so that socket errors find the tunnel.</summary>
    public void Remember(TunnelKey tunnel, in Endpoint remote)
    {
        _byRemote[remote] = tunnel;
        _remotes[tunnel] = remote;
    }

    /// <summary>Sends what is queued on the tunnel's own socket and closes it; a shared one stays.</summary>
    public void Close(TunnelKey tunnel)
    {
        if (_remotes.Remove(tunnel, out var remote) && _byRemote.TryGetValue(remote, out var latest) && latest == tunnel)
            _byRemote.Remove(remote);
        if (!_byTunnel.Remove(tunnel, out var transport))
            return;
        if (transport.Kind == TransportKind.Own)
            _byNumber.Remove(transport.Number);
        Outbox.Forget(transport);
        transport.Dispose();
    }

    /// <inheritdoc/>
    public void OnReadable(Transport transport)
    {
        // A negative count is an error the socket had pending, now cleared; the error queue has told the details.
        if (transport.Socket.Receive(_batch) > 0)
            _engine.Deliver(transport.Number, transport.Local, _batch);
    }

    /// <inheritdoc/>
    public void OnWritable(Transport transport) => Outbox.Flush(transport);

    /// <inheritdoc/>
    public void OnErrors(Transport transport)
    {
        for (var i = 0; i < MostErrorsATurn && transport.Socket.TryReadError(out var error); i++)
        {
            var tunnel = transport.Owner.IsNone ? _byRemote.GetValueOrDefault(error.Peer.ToEndpoint()) : transport.Owner;
            if (!tunnel.IsNone)
                _engine.Submit(new TransportError(tunnel, SocketWords.Of(error)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var transport in _byTunnel.Values.Concat(_listeners))
        {
            Outbox.Forget(transport);
            transport.Dispose();
        }

        Outbox.Dispose();
        _batch.Dispose();
    }

    private bool TryFind(in Path path, TunnelKey tunnel, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Transport? transport) =>
        (_byTunnel.Count > 0 && _byTunnel.TryGetValue(tunnel, out transport)) || _byNumber.TryGetValue(path.Transport, out transport);

    /// <summary>The peer answered from another port than the one dialled.</summary>
    private bool Reconnect(Transport transport, in Endpoint remote)
    {
        Outbox.Flush(transport);
        if (!transport.Socket.Connect(remote.ToSockAddr()).IsNone)
            return false;
        transport.ConnectedTo = remote;
        return true;
    }

    private Transport? SharedListener(TransportRequest request)
    {
        if (request.SourcePort == 0 || request.BindDevice is not null || request.FwMark != 0)
            return null;
        var local = TransportOpener.LocalAddressOf(request);
        foreach (var listener in _listeners)
        {
            var fits = listener.Local.Port == request.SourcePort && listener.Local.IsIPv6 == request.Remote.IsIPv6
                && (listener.Local.Address == 0 || local is null || local.Value.Address == listener.Local.Address);
            if (fits && (local is not null || request.LocalAddress is null))
                return listener;
        }

        return null;
    }

    private Transport Add(int number, TransportKind kind, TunnelKey owner, UdpSocket socket)
    {
        var transport = new Transport(number, kind, owner, socket, this) { Local = socket.LocalAddress.ToEndpoint() };
        transport.Attach(_events.Register(socket.Descriptor, Readiness.Readable, new GuardedHandler(transport, _faults)));
        return transport;
    }

    private void OnRefused(TunnelKey tunnel, SockAddr destination, int errno)
    {
        if (!tunnel.IsNone)
            _engine.Submit(new TransportError(tunnel, SocketWords.NotSent(destination, errno)));
    }
}
