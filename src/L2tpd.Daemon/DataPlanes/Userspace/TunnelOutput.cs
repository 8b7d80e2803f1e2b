using L2tpd.Daemon.Loop;
using L2tpd.Engine.Addressing;
using L2tpd.Linux.Sockets;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Daemon.DataPlanes.Userspace;

/// <summary>The way data of one tunnel leave: a socket's batch, with the tunnel's addresses on each datagram. Loop thread only.</summary>
internal sealed class TunnelOutput
{
    private readonly SocketOutput _socket;
    private readonly SockAddr _destination;
    private readonly SockAddr _source;

    /// <param name="socket">The socket's output.</param>
    /// <param name="path">The tunnel's addresses.</param>
    /// <param name="isConnected">The socket is connected to the peer: no address is needed.</param>
    public TunnelOutput(SocketOutput socket, in Path path, bool isConnected)
    {
        _socket = socket;
        if (isConnected)
            return;
        _destination = path.Remote.ToSockAddr();
        _source = path.Local.Address == 0 ? SockAddr.None : path.Local.ToSockAddr();
    }

    public SocketOutput Socket => _socket;

    /// <summary>The buffer of the next datagram; empty: there is no room, the socket takes no more now.</summary>
    public Span<byte> Reserve() => _socket.Reserve();

    /// <summary>Queues the datagram written there.</summary>
    public void Commit(UserspaceSession session, int length) => _socket.Commit(session, _destination, _source, length);
}
