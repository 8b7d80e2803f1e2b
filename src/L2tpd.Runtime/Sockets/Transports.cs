using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Loop;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// The daemon's UDP and L2TP/IP sockets: listeners, own sockets of dialled tunnels, and the connected sockets that the kernel's data path
/// needs. The engine receives the datagrams of all of them. Loop thread only, except for <see cref="AddListener"/> before the loop runs.
/// </summary>
public sealed partial class Transports : ITransportHandler, IDisposable
{
    private const int MostErrorsATurn = 32;
    private const int MostDatagramsATurn = 256;

    /// <summary>Messages read at a time if each may be dozens of joined datagrams.</summary>
    private const int DataBatch = 32;

    private readonly EventLoop _events;
    private readonly EngineLoop _engine;
    private readonly FaultLog _faults;
    private readonly TransportOpener _opener;
    private readonly IpMessages _ipMessages;
    // A control message may be as long as UDP carries: one AVP alone has up to 1,023 octets (RFC 2661 section 4.1). Pages that are not
    // touched cost nothing.
    private ReceiveBatch _batch = new(ReceiveBatch.MaximumCapacity, ReceiveBatch.LongestMessage);
    private readonly SharedListeners _listeners = new();
    private readonly DataSockets _forData;
    private readonly RequestSockets _forRequests;
    private readonly Dictionary<int, Transport> _byNumber = [];
    private readonly Dictionary<TunnelKey, Transport> _byTunnel = [];
    private readonly Dictionary<Endpoint, TunnelKey> _byRemote = [];
    private readonly Dictionary<TunnelKey, Endpoint> _remotes = [];

    /// <summary>Own sockets of dialled tunnels that the data path has left and that linger.</summary>
    private readonly LeftSockets _left = new();
    private int _lastNumber;

    public Transports(EventLoop events, EngineLoop engine, FaultLog faults, DescriptorBudget budget)
    {
        (_events, _engine, _faults) = (events, engine, faults);
        _forData = new DataSockets(budget, AddBeside);
        _forRequests = new RequestSockets(engine, AddBeside);
        _opener = new TransportOpener(budget);
        _ipMessages = new IpMessages(engine);
        Outbox = new Outbox(OnRefused);
    }

    /// <summary>Datagrams that wait to be sent.</summary>
    public Outbox Outbox { get; }

    /// <summary>Number of open sockets.</summary>
    public int Count => _listeners.All.Count + _forData.All.Count + _forRequests.All.Count + _byTunnel.Count;

    /// <summary>Datagrams dropped because their socket was closed.</summary>
    public long WithoutSocket { get; private set; }

    /// <summary>The kind of socket for IP protocol 115. To be set before the first one is opened.</summary>
    public IpSockets IpSockets
    {
        get => _opener.Ip.Kind;
        set => _opener.Ip.Kind = value;
    }

    /// <summary>Takes data messages of raw sockets; <c>null</c> if they are dropped.</summary>
    public IIpDataHandler? IpData
    {
        get => _ipMessages.Data;
        set => _ipMessages.Data = value;
    }

    /// <summary>Prepares the sockets for data messages: longer buffers, joined datagrams. Before the loop runs.</summary>
    public void CarryData(bool offloads)
    {
        _batch.Dispose();
        _batch = new ReceiveBatch(DataBatch, ReceiveBatch.LongestMessage);
        _forData.JoinsDatagrams = offloads;
        foreach (var listener in _listeners.All)
            _forData.Add(listener, OptionsOf(listener.Listener!));
    }

    /// <summary>Reads a bounded number of SCCRQs. To be called after all other work of the turn.</summary>
    public void ReadRequests() => _forRequests.Read();

    /// <summary>Opens a listener.</summary>
    /// <returns>The error. If there is none, <paramref name="local"/> is the address it is bound to.</returns>
    public LinuxError AddListener(Listener listener, out Endpoint local)
    {
        local = default;
        var error = TryOpen(listener, out var socket);
        if (!error.IsNone)
            return error;
        var transport = Add(++_lastNumber, TransportKind.Listener, default, socket!, listener, BindingOf(listener).RequireEsp);
        local = transport.Local;
        _listeners.Add(transport);
        _byNumber[transport.Number] = transport;
        if (listener.Carrier == DataCarrier.Udp)
            _forRequests.Add(transport, OptionsOf(listener));
        return LinuxError.None;
    }

    private LinuxError TryOpen(Listener listener, out DatagramSocket? socket)
    {
        if (listener.Carrier == DataCarrier.Ip)
            return _opener.TryOpenIpListener(SockAddr.From(listener.Address, 0), BindingOf(listener), out socket);
        var error = ListenerProbe.TryOpen(OptionsOf(listener), out var opened);
        socket = opened;
        return error;
    }

    private static UdpSocketOptions OptionsOf(Listener listener) => new()
    {
        Local = SockAddr.From(listener.Address, listener.Port),
        BindDevice = listener.BindDevice,
        FwMark = listener.FwMark,
        RequireEsp = listener.Ipsec.Policy == IpsecPolicy.Required,
        ReceiveMarks = TakesMarks(listener),
        ReceiveBuffer = DataSockets.BufferSize,
        SendBuffer = DataSockets.BufferSize,
        SharePort = true,
        IsListener = true,
        FreeBind = true,
    };

    private static bool TakesMarks(Listener? listener) => listener is { TakesMarks: true } && UdpSocket.CanReceiveMarks;

    private static SocketBinding BindingOf(Listener listener) =>
        new(listener.BindDevice, listener.FwMark, listener.Ipsec.Policy == IpsecPolicy.Required);

    /// <summary>Queues a datagram.</summary>
    public void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        if (!TryFind(path, tunnel, out var transport))
        {
            WithoutSocket++;
            return;
        }

        if (transport is { Kind: TransportKind.Listener, Socket: L2tpIpSocket } && !tunnel.IsNone)
            transport = OpenBeside(transport, path, tunnel);
        if (transport.Socket is RawL2tpSocket)
        {
            Span<byte> packet = stackalloc byte[IpMessages.SessionIdSize + datagram.Length];
            packet[..IpMessages.SessionIdSize].Clear();
            datagram.CopyTo(packet[IpMessages.SessionIdSize..]);
            SendBy(transport, path, tunnel, packet);
        }
        else
        {
            SendBy(transport, path, tunnel, datagram);
        }
    }

    /// <summary>Finds or opens the socket of a dialled tunnel and reports it to the engine.</summary>
    public void Open(TunnelKey tunnel, TransportRequest request)
    {
        if (_listeners.Find(request) is { } listener)
        {
            Remember(tunnel, request.Remote);
            var local = listener.Local with { Address = TransportOpener.LocalAddressOf(request)?.Address ?? listener.Local.Address };
            _engine.Submit(new TransportOpened(tunnel, new Path(listener.Number, local, request.Remote)));
            return;
        }

        var error = _opener.TryOpenOwn(tunnel, request, _listeners.All.Count > 0, out var socket);
        if (error is not null)
        {
            _engine.Submit(new TransportFailed(tunnel, error.Text, error.OutOfResources));
            return;
        }

        Remember(tunnel, request.Remote);
        var transport = Add(++_lastNumber, TransportKind.Own, tunnel, socket!, null, request.Remote.IsProtected);
        transport.ConnectedTo = request.Remote.IsOverIp || (request.SourcePort != 0 && _listeners.All.Count > 0) ? request.Remote : null;
        _byNumber[transport.Number] = transport;
        _byTunnel[tunnel] = transport;
        _engine.Submit(new TransportOpened(tunnel, new Path(transport.Number, transport.Local, request.Remote)));
    }

    /// <summary>Finds or opens the connected socket of a tunnel that the kernel's data path takes over.</summary>
    /// <returns>The error. If there is none, <paramref name="descriptor"/> is the socket.</returns>
    public LinuxError Connect(TunnelKey tunnel, TunnelParameters parameters, out FileDescriptor? descriptor)
    {
        descriptor = null;
        CloseEarlierSocket(tunnel, parameters.Path.Remote);
        if (_left.Take(parameters.Path.Remote) is { IsDisposed: false } left)
            CloseConnected(left);
        Remember(tunnel, parameters.Path.Remote);
        if (!_byTunnel.TryGetValue(tunnel, out var transport))
        {
            var listener = _byNumber.GetValueOrDefault(parameters.Path.Transport)?.Listener;
            var error = _opener.TryOpenBeside(parameters, listener, TakesMarks(listener), out var socket);
            if (!error.IsNone)
                return error;
            // Between bind and connect it may have received datagrams of other peers. They go to the engine under the listener's number.
            transport = Add(parameters.Path.Transport, TransportKind.Connected, tunnel, socket!, null, parameters.Path.Remote.IsProtected);
            _byTunnel[tunnel] = transport;
        }
        else if (ConnectAgain(transport.Socket, parameters) is { IsNone: false } failure)
        {
            return failure;
        }

        transport.ConnectedTo = parameters.Path.Remote;
        ReplaceLeft(transport);
        descriptor = transport.Socket.Descriptor;
        return LinuxError.None;
    }

    /// <summary>The data path has no more use for the tunnel's socket, which stays for the last control messages.</summary>
    public void Leave(TunnelKey tunnel)
    {
        if (_byTunnel.TryGetValue(tunnel, out var transport))
            _left.Add(transport);
    }

    /// <summary>Finds the socket for data of a tunnel: one of its own for data, or its control socket.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="parameters">Its addresses and their bindings.</param>
    /// <param name="transport">The socket.</param>
    /// <param name="isConnected">Whether sends need no address.</param>
    public LinuxError FindForData(TunnelKey tunnel, TunnelParameters parameters, out Transport? transport, out bool isConnected)
    {
        Remember(tunnel, parameters.Path.Remote);
        (transport, isConnected) = (null, false);
        if (!TryFind(parameters.Path, tunnel, out var control))
            return new LinuxError(Errno.ENOTSOCK, "socket", parameters.Path.Local.ToString());
        return control.Socket is L2tpIpSocket
            ? new LinuxError(Errno.EOPNOTSUPP, "socket",
                "the kernel's L2TP/IP, over which only the kernel sends data: unload l2tp_ip and l2tp_ip6, or use 'data-plane: kernel'")
            : _forData.Choose(control, parameters, out transport, out isConnected);
    }

    /// <summary>Notes the address of a tunnel's peer, so that socket errors are reported to the tunnel.</summary>
    public void Remember(TunnelKey tunnel, in Endpoint remote)
    {
        _byRemote[remote] = tunnel;
        _remotes[tunnel] = remote;
    }

    /// <summary>Sends what is queued on the tunnel's own socket and closes it. A shared socket stays open.</summary>
    public void Close(TunnelKey tunnel)
    {
        if (_remotes.Remove(tunnel, out var remote) && _byRemote.TryGetValue(remote, out var latest) && latest == tunnel)
            _byRemote.Remove(remote);
        if (!_byTunnel.Remove(tunnel, out var transport))
            return;
        _left.Remove(transport);
        if (transport.Kind == TransportKind.Own)
            _byNumber.Remove(transport.Number);
        Outbox.Forget(transport);
        transport.Dispose();
        if (transport.Kind == TransportKind.Own)
            _forData.Close(transport.Number);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var transport in _byTunnel.Values.Concat(_listeners.All).Concat(_forData.All).Concat(_forRequests.All))
        {
            Outbox.Forget(transport);
            transport.Dispose();
        }

        Outbox.Dispose();
        _batch.Dispose();
        _forRequests.Dispose();
    }

    private bool TryFind(in Path path, TunnelKey tunnel, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Transport? transport)
    {
        if (!(_byTunnel.Count > 0 && _byTunnel.TryGetValue(tunnel, out transport)) && !_byNumber.TryGetValue(path.Transport, out transport))
            return false;
        while (transport.Successor is { } successor)
            transport = successor;
        return !transport.IsDisposed;
    }

    private void SendBy(Transport transport, in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        if (transport.ConnectedTo is { } peer && (peer == path.Remote || Reconnect(transport, path.Remote)))
        {
            Outbox.Add(transport, tunnel, SockAddr.None, SockAddr.None, 0, datagram);
        }
        else if (transport.ConnectedTo is null)
        {
            Outbox.Add(transport, tunnel, path.Remote.ToSockAddr(), path.Local.Address == 0 ? SockAddr.None : path.Local.ToSockAddr(),
                path.Remote.Mark, datagram);
        }
    }

    /// <summary>
    /// Closes the connected socket of an earlier tunnel to the same peer, for example one that lingers. Of two sockets connected to one
    /// peer the kernel prefers the one that last received on the processor that now receives (sk_incoming_cpu), otherwise the later one;
    /// over IPv6, with SO_REUSEPORT, the earlier one. Data that come by the wrong socket are lost. The earlier tunnel is being replaced,
    /// and its last messages leave by the listener.
    /// </summary>
    private void CloseEarlierSocket(TunnelKey tunnel, in Endpoint remote)
    {
        if (!_byRemote.TryGetValue(remote, out var earlier) || earlier == tunnel
            || !_byTunnel.TryGetValue(earlier, out var transport) || transport is not { Kind: TransportKind.Connected, IsOverIp: false })
        {
            return;
        }

        CloseConnected(transport);
    }

    private void CloseConnected(Transport transport)
    {
        _byTunnel.Remove(transport.Owner);
        Outbox.Forget(transport);
        transport.Dispose();
    }

    private void ReplaceLeft(Transport transport)
    {
        foreach (var earlier in _left.Before(transport))
        {
            Outbox.Forget(earlier);
            earlier.Dispose();
            earlier.Successor = transport;
        }
    }

    /// <summary>
    /// Opens the tunnel's socket with the first answer to an SCCRQ over IP. The peer's next message has our id in it, and the kernel
    /// delivers it only to a socket bound to that id.
    /// </summary>
    private Transport OpenBeside(Transport listener, in Path path, TunnelKey tunnel)
    {
        var error = _opener.TryOpenBeside(tunnel, path.Local, path.Remote, BindingOf(listener.Listener!), out var socket);
        if (!error.IsNone)
        {
            // The StopCCN that follows can at least leave by the listener.
            _engine.Submit(new TransportFailed(tunnel, error.ToString()));
            return listener;
        }

        Remember(tunnel, path.Remote);
        var transport = Add(path.Transport, TransportKind.Connected, tunnel, socket!, null, path.Remote.IsProtected);
        transport.ConnectedTo = path.Remote;
        _byTunnel[tunnel] = transport;
        return transport;
    }

    private static LinuxError ConnectAgain(DatagramSocket socket, TunnelParameters parameters) => socket is L2tpIpSocket ip
        ? ip.Connect(parameters.Path.Remote.ToSockAddr(), parameters.PeerId.Value)
        : socket.Connect(parameters.Path.Remote.ToSockAddr());

    /// <summary>Connects the socket to the address from which the peer answered, if it is not the one dialled.</summary>
    private bool Reconnect(Transport transport, in Endpoint remote)
    {
        Outbox.Flush(transport);
        if (!transport.Socket.Connect(remote.ToSockAddr()).IsNone)
            return false;
        transport.ConnectedTo = remote;
        return true;
    }

    private Transport AddBeside(Transport beside, DatagramSocket socket) =>
        Add(beside.Number, beside.Kind, beside.Owner, socket, beside.Listener, beside.IsProtected);

    private Transport Add(int number, TransportKind kind, TunnelKey owner, DatagramSocket socket, Listener? listener, bool isProtected)
    {
        var transport = new Transport(number, kind, owner, socket, this)
        {
            Local = socket is UdpSocket ? socket.LocalAddress.ToEndpoint() : socket.LocalAddress.ToEndpointOverIp(),
            Listener = listener,
            IsProtected = isProtected,
            TakesMarks = TakesMarks(listener ?? (kind == TransportKind.Connected ? _byNumber.GetValueOrDefault(number)?.Listener : null)),
        };
        transport.Attach(_events.Register(socket.Descriptor, Readiness.Readable, new GuardedHandler(transport, _faults)));
        return transport;
    }

    private void OnRefused(TunnelKey tunnel, SockAddr destination, int errno)
    {
        if (!tunnel.IsNone)
            _engine.Submit(new TransportError(tunnel, SocketErrorText.NotSent(destination, errno)));
    }
}
