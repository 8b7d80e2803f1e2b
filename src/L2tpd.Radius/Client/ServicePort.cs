namespace L2tpd.Radius.Client;

/// <summary>
/// One port of one server: the sockets towards it with their identifiers, what is outstanding, and what waits for an identifier.
/// </summary>
internal sealed class ServicePort(int server, RadiusService service, RadiusServer settings)
{
    private readonly List<IdentifierSpace> _spaces = [];
    private readonly Dictionary<(int Socket, byte Identifier), Transmission> _outstanding = [];
    private readonly Queue<PendingRequest> _waiting = new();

    public int Outstanding => _outstanding.Count;

    /// <summary>Takes a place for one more request; false when the port has all that it may have, or every identifier rests.</summary>
    public bool TryTake(long now, out ServerSocket socket, out byte identifier)
    {
        (socket, identifier) = (default, 0);
        if (_outstanding.Count >= settings.MaxOutstanding)
            return false;
        for (var i = 0; i < _spaces.Count; i++)
        {
            socket = new ServerSocket(server, service, i);
            if (_spaces[i].TryTake(now, out identifier))
                return true;
        }

        // After a failure of the server identifiers rest: two sockets more than what may be outstanding needs.
        if (_spaces.Count > (settings.MaxOutstanding / 256) + 2)
            return false;
        _spaces.Add(new IdentifierSpace());
        socket = new ServerSocket(server, service, _spaces.Count - 1);
        return _spaces[^1].TryTake(now, out identifier);
    }

    public void Add(Transmission transmission) => _outstanding.Add((transmission.Socket.Number, transmission.Identifier), transmission);

    public Transmission? Find(int socket, byte identifier) => _outstanding.GetValueOrDefault((socket, identifier));

    /// <summary>The transmission is over; its identifier rests until <paramref name="freeAt"/>.</summary>
    public void Remove(Transmission transmission, long freeAt)
    {
        if (_outstanding.Remove((transmission.Socket.Number, transmission.Identifier)))
            _spaces[transmission.Socket.Number].Return(transmission.Identifier, freeAt);
    }

    /// <summary>Puts a request into the queue; false when it is full.</summary>
    public bool TryEnqueue(PendingRequest request)
    {
        if (_waiting.Count >= settings.MaxQueued)
            return false;
        _waiting.Enqueue(request);
        return true;
    }

    /// <summary>The next request that still waits here, and a place for it; false when there is none of either.</summary>
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
}
