using L2tpd.Engine.Addressing;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// Connected UDP sockets that the data path has no more use for: they stay for the last control messages of their tunnels, until the same
/// peer has a new tunnel. The kernel does not look at the mark when it chooses among sockets connected to one peer, and a client in IPsec
/// comes back with another mark. Loop thread only.
/// </summary>
internal sealed class LeftSockets
{
    private readonly List<Transport> _own = [];
    private readonly Dictionary<Endpoint, Transport> _answered = [];

    public void Add(Transport transport)
    {
        if (transport.IsOverIp)
            return;
        if (transport.Kind == TransportKind.Own)
            _own.Add(transport);
        else if (transport is { Kind: TransportKind.Connected, ConnectedTo: { } remote })
            _answered[remote with { Mark = 0 }] = transport;
    }

    public void Remove(Transport transport)
    {
        _own.Remove(transport);
        if (transport.ConnectedTo is { } remote && _answered.TryGetValue(remote with { Mark = 0 }, out var left) && left == transport)
            _answered.Remove(remote with { Mark = 0 });
    }

    /// <summary>Takes the socket of an answered tunnel with that peer, whatever its mark; <c>null</c> if there is none.</summary>
    public Transport? Take(in Endpoint remote) => _answered.Remove(remote with { Mark = 0 }, out var transport) ? transport : null;

    /// <summary>
    /// Of a tunnel that we dial again from a configured port: the sockets of those before it, whose last messages leave by the new one.
    /// </summary>
    public IEnumerable<Transport> Before(Transport transport) => transport.Kind != TransportKind.Own ? [] : _own.Where(earlier =>
        earlier != transport && !earlier.IsDisposed && earlier.Local == transport.Local && earlier.ConnectedTo == transport.ConnectedTo);
}
