using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Linux.Loop;
using L2tpd.Radius.Client;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.Radius;

/// <summary>Takes what an operator should know of a connection. Loop thread.</summary>
internal interface IRadSecObserver
{
    /// <summary>A connection is open.</summary>
    void OnConnected(RadiusServerSettings server);

    /// <summary>A connection was closed, or could not be opened. It is tried again.</summary>
    void OnDisconnected(RadiusServerSettings server, string why);
}

/// <summary>
/// The TLS connections to the servers of one configuration. Methods are for the loop's thread. What comes from the connections' threads is
/// posted to the loop and counts only while its connection is still the one with that number.
/// </summary>
/// <param name="events">The loop.</param>
/// <param name="faults">Keeps a fault in the handling of an answer from ending the loop.</param>
/// <param name="timers">The time.</param>
/// <param name="exchange">Takes the answers.</param>
/// <param name="sockets">What these connections belong to.</param>
/// <param name="servers">The servers, by number.</param>
/// <param name="observer">For the log.</param>
internal sealed class RadSecConnections(
    EventLoop events, FaultLog faults, LoopTimers timers, RadiusExchange exchange, IRadiusSockets sockets,
    IReadOnlyList<RadiusServerSettings> servers, IRadSecObserver observer) : IRadSecReceiver, IDisposable
{
    private readonly Dictionary<ServerSocket, RadSecConnection> _connections = [];
    private readonly Dictionary<int, RadSecCredentials> _credentials = [];
    private readonly Dictionary<int, IPAddress> _addresses = [];

    /// <summary>Begins to open a connection.</summary>
    public void Connect(ServerSocket socket)
    {
        Disconnect(socket);
        var server = servers[socket.Server];
        if (!_credentials.TryGetValue(socket.Server, out var credentials))
            _credentials[socket.Server] = credentials = new RadSecCredentials(server.Tls!);
        var connection = new RadSecConnection(server, credentials, this);
        _connections[socket] = connection;
        connection.Start();
    }

    /// <summary>Closes a connection.</summary>
    public void Disconnect(ServerSocket socket)
    {
        if (_connections.Remove(socket, out var connection))
            connection.Dispose();
    }

    /// <summary>Sends a packet; one that finds no connection, or a full one, counts as lost.</summary>
    public void Send(ServerSocket socket, ReadOnlySpan<byte> packet)
    {
        if (_connections.TryGetValue(socket, out var connection))
            connection.TrySend(packet);
    }

    /// <summary>Our address on the latest connection to a server; <c>null</c>: there was none.</summary>
    public IPAddress? LocalAddress(int server) => _addresses.GetValueOrDefault(server);

    /// <summary>Closes all, and waits until what was sent is written, for a second at most.</summary>
    public void Flush()
    {
        var ended = _connections.Values.Select(static connection => connection.Ended).ToArray();
        Dispose();
        Task.WaitAll(ended, RadSecConnection.CloseTimeout);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in _connections.Values)
            connection.Dispose();

        _connections.Clear();
    }

    void IRadSecReceiver.OnOpened(RadSecConnection connection, IPAddress local) => Post(connection, socket =>
    {
        _addresses[socket.Server] = local;
        observer.OnConnected(servers[socket.Server]);
        exchange.Connected(sockets, socket, timers.Now);
    });

    Task IRadSecReceiver.OnPacketsAsync(RadSecConnection connection, IReadOnlyList<byte[]> packets)
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(connection, socket =>
        {
            foreach (var packet in packets)
            {
                // An answer can end the connection that it came on.
                if (Find(connection) is not null)
                    exchange.Receive(sockets, socket, packet, timers.Now);
            }
        }, handled.SetResult);
        return handled.Task;
    }

    void IRadSecReceiver.OnClosed(RadSecConnection connection, string why) => Post(connection, socket =>
    {
        _connections.Remove(socket);
        observer.OnDisconnected(servers[socket.Server], why);
        exchange.Disconnected(sockets, socket, timers.Now);
    });

    /// <summary>Runs on the loop what belongs to a connection that is still in use.</summary>
    private void Post(RadSecConnection connection, Action<ServerSocket> work, Action? afterwards = null) => events.Post(() =>
    {
        try
        {
            if (Find(connection) is { } socket)
                work(socket);
        }
        catch (Exception error)
        {
            faults.Add("RADIUS over TLS", error);
        }

        afterwards?.Invoke();
    });

    private ServerSocket? Find(RadSecConnection connection)
    {
        foreach (var (socket, one) in _connections)
        {
            if (ReferenceEquals(one, connection))
                return socket;
        }

        return null;
    }
}
