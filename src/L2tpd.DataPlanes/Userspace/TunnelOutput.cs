using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>Sends the data of one tunnel: the batch of a socket, with the tunnel's addresses on each datagram. Loop thread only.</summary>
public sealed class TunnelOutput
{
    private const int Ipv4AndUdp = 28;
    private const int Ipv6AndUdp = 48;

    private readonly SocketOutput _socket;
    private readonly SockAddr _destination;
    private readonly SockAddr _source;
    private readonly int _mostUncut;
    private readonly uint _mark;

    /// <param name="socket">The socket's output.</param>
    /// <param name="path">The tunnel's addresses.</param>
    /// <param name="isConnected">Whether the socket is connected to the peer, so that no address is needed.</param>
    /// <param name="pathMtu">Octets.</param>
    public TunnelOutput(SocketOutput socket, in Path path, bool isConnected, int pathMtu)
    {
        _socket = socket;
        _mostUncut = pathMtu - (path.Remote.IsIPv6 ? Ipv6AndUdp : Ipv4AndUdp);
        if (isConnected)
            return;
        _destination = path.Remote.ToSockAddr();
        _mark = path.Remote.Mark;
        _source = path.Local.Address == 0 ? SockAddr.None : path.Local.ToSockAddr();
    }

    public SocketOutput Socket => _socket;

    /// <summary>The buffer of the next datagram; empty if the socket has no room now.</summary>
    public Span<byte> Reserve() => _socket.Reserve();

    /// <summary>Queues the datagram that was written to the buffer.</summary>
    public void Commit(UserspaceSession session, int length) =>
        _socket.Commit(session, _destination, _source, _mark, length, isJoinable: length <= _mostUncut);
}
