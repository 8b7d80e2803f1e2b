namespace L2tpd.Radius.Client;

/// <summary>
/// One port of one server: its sockets with their identifiers, the outstanding requests, and the requests that wait for an identifier.
/// </summary>
internal sealed class ServicePort(int server, RadiusService service, RadiusServer settings)
{
    private readonly List<IdentifierSpace> _spaces = [];
    private readonly Dictionary<(int Socket, byte Identifier), Transmission> _outstanding = [];
    private readonly Queue<PendingRequest> _waiting = new();
    private readonly List<StreamConnection> _connections = [];

    public int Outstanding => _outstanding.Count;

    /// <summary>Entries of the queue, of requests that no longer wait too.</summary>
    public int Waiting => _waiting.Count;

    public IReadOnlyList<StreamConnection> Connections => _connections;

    public bool IsConnected => _connections.Exists(static connection => connection.IsOpen);

    /// <summary>
    /// Takes an identifier for one more request; <c>false</c> if the port has the maximum of requests, or every identifier rests.
    /// </summary>
    public bool TryTake(long now, out ServerSocket socket, out byte identifier)
    {
        (socket, identifier) = (default, 0);
        if (_outstanding.Count >= settings.MaxOutstanding)
            return false;
        for (var i = 0; i < _spaces.Count; i++)
        {
            socket = new ServerSocket(server, service, i);
            if ((!settings.IsStream || _connections[i].IsOpen) && _spaces[i].TryTake(now, out identifier))
                return true;
        }

        if (settings.IsStream)
            return false;

        // Identifiers rest after a failure of the server: two more sockets than the outstanding requests need.
        if (_spaces.Count > (settings.MaxOutstanding / 256) + 2)
            return false;
        _spaces.Add(new IdentifierSpace());
        socket = new ServerSocket(server, service, _spaces.Count - 1);
        return _spaces[^1].TryTake(now, out identifier);
    }

    /// <summary>
    /// One more connection, if all that there are have no room, and the limit of requests in flight needs one; otherwise <c>null</c>.
    /// </summary>
    public StreamConnection? AddConnection(IRadiusRandom random)
    {
        // Identifiers rest after unanswered requests: two more connections than the outstanding requests need.
        if (!settings.IsStream || _outstanding.Count >= settings.MaxOutstanding
            || _connections.Count > (settings.MaxOutstanding / StreamConnection.Capacity) + 1
            || _connections.Exists(static connection => !connection.IsOpen))
        {
            return null;
        }

        var connection = new StreamConnection(new ServerSocket(server, service, _connections.Count), settings, random);
        _connections.Add(connection);
        _spaces.Add(new IdentifierSpace(StreamConnection.FirstIdentifier));
        return connection;
    }

    /// <summary>Ends what is outstanding on a connection, and frees all its identifiers.</summary>
    public IReadOnlyList<Transmission> Clear(StreamConnection connection)
    {
        var number = connection.Socket.Number;
        Transmission[] lost = [.. _outstanding.Values.Where(transmission => transmission.Socket.Number == number)];
        foreach (var transmission in lost)
            _outstanding.Remove((number, transmission.Identifier));
        _spaces[number] = new IdentifierSpace(StreamConnection.FirstIdentifier);
        return lost;
    }

    public void Add(Transmission transmission) => _outstanding.Add((transmission.Socket.Number, transmission.Identifier), transmission);

    public Transmission? Find(int socket, byte identifier) => _outstanding.GetValueOrDefault((socket, identifier));

    /// <summary>Ends a transmission; its identifier rests until <paramref name="freeAt"/>.</summary>
    public void Remove(Transmission transmission, long freeAt)
    {
        if (_outstanding.Remove((transmission.Socket.Number, transmission.Identifier)) && !IsWatchdog(transmission))
            _spaces[transmission.Socket.Number].Return(transmission.Identifier, freeAt);
    }

    /// <summary>Queues a request; <c>false</c> if the queue is full.</summary>
    public bool TryEnqueue(PendingRequest request)
    {
        if (_waiting.Count >= settings.MaxQueued)
            return false;
        _waiting.Enqueue(request);
        return true;
    }

    /// <summary>The next request that still waits here, and an identifier for it; <c>false</c> if one of the two is missing.</summary>
    public bool TryDequeue(long now, out PendingRequest request, out ServerSocket socket, out byte identifier)
    {
        (request, socket, identifier) = (null!, default, 0);
        while (_waiting.TryPeek(out var first) && !first.WaitsAt(server))
            _waiting.Dequeue();
        if (_waiting.Count == 0 || !TryTake(now, out socket, out identifier))
            return false;
        request = _waiting.Dequeue();
        return true;
    }

    private bool IsWatchdog(Transmission transmission) => settings.IsStream && transmission.Request is null;
}
