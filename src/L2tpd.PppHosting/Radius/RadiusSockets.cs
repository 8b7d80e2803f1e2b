using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.Radius;

/// <summary>
/// The sockets towards the servers of one configuration. Those of UDP are connected, so that only datagrams from the server's address and
/// port arrive, and have source ports of their own. A socket that could not send is opened again with the next packet: our address may have
/// changed. Servers with TLS have <see cref="RadSecConnections"/>. Loop thread only.
/// </summary>
/// <param name="events">The loop.</param>
/// <param name="faults">Keeps a fault in the handling of an answer from ending the loop.</param>
/// <param name="timers">The time.</param>
/// <param name="exchange">Takes the answers.</param>
/// <param name="servers">The servers, by number.</param>
/// <param name="observer">Takes what an operator should know of connections.</param>
internal sealed class RadiusSockets(
    EventLoop events, FaultLog faults, LoopTimers timers, RadiusExchange exchange, IReadOnlyList<RadiusServerSettings> servers,
    IRadSecObserver observer) : IRadiusSockets
{
    private const int MaxPackets = 16;

    /// <summary>The answers of a whole window come at once after the loop was busy.</summary>
    private const int ReceiveBuffer = 1 << 20;

    private readonly Dictionary<ServerSocket, OpenSocket> _open = [];
    private readonly Dictionary<int, IPAddress> _addresses = [];
    private readonly SendBatch _sending = new(1, RadiusPacket.MaxSize);
    private readonly ReceiveBatch _receiving = new(MaxPackets, RadiusPacket.MaxSize);
    private RadSecConnections? _connections;
    private bool _isClosed;

    /// <inheritdoc/>
    public void Send(ServerSocket socket, ReadOnlySpan<byte> packet)
    {
        if (_isClosed)
            return;
        if (IsTls(socket.Server))
        {
            _connections?.Send(socket, packet);
            return;
        }

        if (Open(socket) is not { } open)
            return;

        _sending.Clear();
        _sending.TryAdd(SockAddr.None, SockAddr.None, 0, packet);
        // ECONNREFUSED is about an earlier packet: the server may be back.
        if (!open.Socket.Send(_sending) || _sending.ErrorOf(0) is 0 or Errno.ECONNREFUSED)
            return;

        _open.Remove(socket);
        _addresses.Remove(socket.Server);
        open.Dispose();
    }

    /// <inheritdoc/>
    public void Connect(ServerSocket socket)
    {
        if (_isClosed)
            return;

        _connections ??= new RadSecConnections(events, faults, timers, exchange, this, servers, observer);
        _connections.Connect(socket);
    }

    /// <inheritdoc/>
    public void Disconnect(ServerSocket socket) => _connections?.Disconnect(socket);

    /// <inheritdoc/>
    public void Flush() => _connections?.Flush();

    /// <inheritdoc/>
    public IPAddress? LocalAddress(int server)
    {
        if (IsTls(server))
            return servers[server].Source ?? _connections?.LocalAddress(server);

        if (!_addresses.TryGetValue(server, out var address) && Open(new ServerSocket(server, RadiusService.Authentication, 0)) is { } open)
            _addresses[server] = address = open.Socket.LocalAddress.ToIPAddress();
        return address;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isClosed)
            return;

        _isClosed = true;
        foreach (var open in _open.Values)
            open.Dispose();

        _open.Clear();
        _connections?.Dispose();
        _sending.Dispose();
        _receiving.Dispose();
    }

    private bool IsTls(int server) => servers[server].Transport == RadiusTransport.Tls;

    private OpenSocket? Open(ServerSocket socket)
    {
        if (_open.TryGetValue(socket, out var open))
            return open;

        var server = servers[socket.Server];
        var remote = SockAddr.From(
            server.Address, socket.Service == RadiusService.Authentication ? server.AuthenticationPort : server.AccountingPort);
        var options = new UdpSocketOptions
        {
            Local = server.Source is { } source ? SockAddr.From(source, 0) : SockAddr.Any(remote.IsIPv6, 0),
            Remote = remote,
            ReceiveBuffer = ReceiveBuffer,
            PacketInfo = false,
            ReceiveErrors = false,
        };
        // An unreachable server is one that does not answer: the client tries again and then asks another one.
        return UdpSocket.TryOpen(options, out var opened).IsNone ? _open[socket] = new OpenSocket(this, socket, opened!) : null;
    }

    private void Receive(OpenSocket from)
    {
        // Negative: an error of an earlier packet, which is cleared now.
        while (!_isClosed && from.Socket.Receive(_receiving) is not 0 and var count)
        {
            for (var i = 0; count > 0 && i < _receiving.Count && !_isClosed; i++)
            {
                if (!_receiving.IsTruncated(i))
                    exchange.Receive(this, from.Number, _receiving.Payload(i), timers.Now);
            }
        }
    }

    /// <summary>One socket and its registration with the loop.</summary>
    private sealed class OpenSocket : IReadinessHandler, IDisposable
    {
        private readonly RadiusSockets _owner;
        private readonly LoopRegistration _registration;

        public OpenSocket(RadiusSockets owner, ServerSocket number, UdpSocket socket)
        {
            (_owner, Number, Socket) = (owner, number, socket);
            _registration = owner.Events.Register(socket.Descriptor, Readiness.Readable, new GuardedHandler(this, owner.Faults));
        }

        public ServerSocket Number { get; }

        public UdpSocket Socket { get; }

        public void OnReady(Readiness readiness) => _owner.Receive(this);

        public void Dispose()
        {
            _registration.Dispose();
            Socket.Dispose();
        }
    }

    private EventLoop Events => events;

    private FaultLog Faults => faults;
}
