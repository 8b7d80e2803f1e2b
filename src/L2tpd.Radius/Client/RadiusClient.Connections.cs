namespace L2tpd.Radius.Client;

/// <content>
/// Connections to servers with <see cref="RadiusServer.IsStream"/>. Nothing is sent twice on one connection. When it ends, its requests go
/// to another server, or wait for the new connection and are written again, with new identifiers.
/// </content>
public sealed partial class RadiusClient
{
    /// <summary>Asks for the first connection to each server that has connections. To be called once.</summary>
    public void Start()
    {
        foreach (var line in _lines)
            Grow(line.Port(RadiusService.Authentication));
    }

    /// <summary>A connection is open: its TLS handshake has proved both ends.</summary>
    public void Connected(ServerSocket socket, long now)
    {
        var (line, connection) = Find(socket);
        if (connection is null or { IsOpen: true })
            return;
        connection.Opened(now);
        line.Health.Answered();
        SendWaiting(line, line.Port(socket.Service), now);
    }

    /// <summary>A connection was closed, or could not be opened. It is opened again after a while.</summary>
    public void Disconnected(ServerSocket socket, long now)
    {
        var (line, connection) = Find(socket);
        if (connection is not null)
            HandleClosed(line, connection, now);
    }

    private static long NextOfConnections(ServerLine line)
    {
        var next = long.MaxValue;
        foreach (var connection in line.Connections)
            next = Math.Min(next, connection.Due);
        return next;
    }

    private (ServerLine Line, StreamConnection? Connection) Find(ServerSocket socket)
    {
        var line = _lines[socket.Server];
        return (line, socket.Number < line.Connections.Count ? line.Connections[socket.Number] : null);
    }

    /// <summary>Opens one more connection where all are full.</summary>
    private void Grow(ServicePort port)
    {
        if (port.AddConnection(_random) is { } connection)
            _effects.Connect(connection.Socket);
    }

    private void NoteAnswer(ServerLine line, ServerSocket socket, long now)
    {
        if (line.Server.IsStream)
            Find(socket).Connection?.Answered(now);
    }

    /// <summary>
    /// What is no RADIUS packet, or has a wrong authenticator, ends a connection (RFC 6613 section 2.6.4): what follows cannot be trusted.
    /// </summary>
    private void CloseOfBadPacket(ServerLine line, ServerSocket socket, long now)
    {
        if (line.Server.IsStream && Find(socket).Connection is { IsOpen: true } connection)
            Close(line, connection, now);
    }

    private void Close(ServerLine line, StreamConnection connection, long now)
    {
        _effects.Disconnect(connection.Socket);
        HandleClosed(line, connection, now);
    }

    /// <summary>A request waited for an identifier as long as it may. One that waited for a connection found a silent server.</summary>
    private void HandleWaited(PendingRequest waiting, long now)
    {
        var line = _lines[waiting.Server];
        if (line.Server.IsStream && !line.Port(waiting.Request.Service).IsConnected)
        {
            line.Counters.Timeouts++;
            line.Health.TimedOut(now, _random);
        }

        TryNextServer(waiting, now);
    }

    private void HandleClosed(ServerLine line, StreamConnection connection, long now)
    {
        // One that was opened twice and never carried an answer has failed too.
        if (!connection.IsOpen || connection.HasFailed)
            line.Health.ConnectionFailed(now);
        connection.Closed(now);
        foreach (var transmission in line.Port(connection.Socket.Service).Clear(connection))
        {
            transmission.IsOver = true;
            if (transmission.Request is not { IsOver: false } pending)
                continue;
            pending.Transmission = null;
            pending.Tried.Remove(line.Number);
            TryNextServer(pending, now);
        }
    }

    private void HandleConnections(ServerLine line, long now)
    {
        foreach (var connection in line.Connections)
        {
            if (connection.Due > now)
                continue;
            if (connection.IsOpen)
            {
                Watch(line, connection, now);
            }
            else
            {
                connection.Connecting();
                _effects.Connect(connection.Socket);
            }
        }
    }

    /// <summary>An interval has passed without an answer (RFC 3539 section 3.4.1, with Status-Server as the watchdog).</summary>
    private void Watch(ServerLine line, StreamConnection connection, long now)
    {
        var port = line.Port(connection.Socket.Service);
        if (port.Find(connection.Socket.Number, StreamConnection.WatchdogIdentifier) is not { } waiting)
        {
            connection.Wait(isMissed: false, now);
            SendWatchdog(line, port, connection, now);
        }
        else if (!line.Health.KnowsStatusServer)
        {
            // It may be a server that ignores them: only the end of the connection counts.
            waiting.IsOver = true;
            port.Remove(waiting, now);
            connection.Wait(isMissed: false, now);
            SendWatchdog(line, port, connection, now);
        }
        else if (connection.Missed > 0)
        {
            Close(line, connection, now);
        }
        else
        {
            connection.Wait(isMissed: true, now);
            line.Health.WatchdogMissed(now);
        }
    }

    private void SendWatchdog(ServerLine line, ServicePort port, StreamConnection connection, long now)
    {
        line.Counters.Probes++;
        var status = StatusServer(line, connection.Socket, StreamConnection.WatchdogIdentifier, now);
        // It has no deadline of its own: the connection's watchdog has.
        status.Deadline = long.MaxValue;
        port.Add(status);
        _effects.Send(connection.Socket, status.Packet);
    }
}
