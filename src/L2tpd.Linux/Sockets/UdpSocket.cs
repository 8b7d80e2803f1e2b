namespace L2tpd.Linux.Sockets;

/// <summary>How a UDP socket is made.</summary>
public sealed record UdpSocketOptions
{
    /// <summary>Address and port to bind; port 0: ephemeral. Its family is the socket's. A link-local address needs its scope.</summary>
    public required SockAddr Local { get; init; }

    /// <summary>Peer to connect to after binding; none: unconnected.</summary>
    public SockAddr Remote { get; init; }

    /// <summary>SO_REUSEADDR, set before bind: listener and tunnel sockets share port 1701 (kernel.md section 5).</summary>
    public bool ReuseAddress { get; init; } = true;

    /// <summary>SO_REUSEPORT. Off: it would balance a listener's datagrams over the sockets of the port.</summary>
    public bool ReusePort { get; init; }

    /// <summary>SO_BINDTODEVICE: interface or VRF name.</summary>
    public string? BindDevice { get; init; }

    /// <summary>SO_MARK; 0: none. Needs CAP_NET_ADMIN.</summary>
    public uint FwMark { get; init; }

    /// <summary>IP_PKTINFO / IPV6_RECVPKTINFO: tell the address each datagram was sent to.</summary>
    public bool PacketInfo { get; init; } = true;

    /// <summary>IP_RECVERR / IPV6_RECVERR: ICMP errors go to the error queue with the peer they concern.</summary>
    public bool ReceiveErrors { get; init; } = true;

    /// <summary>Receive buffer in octets (SO_RCVBUFFORCE, else SO_RCVBUF up to the system's limit); 0: the system's default.</summary>
    public int ReceiveBuffer { get; init; }

    /// <summary>Send buffer in octets; 0: the system's default.</summary>
    public int SendBuffer { get; init; }
}

/// <summary>A UDP socket over IPv4 or IPv6 (never both: IPV6_V6ONLY), non-blocking, close-on-exec. Datagrams are sent without DF.</summary>
public sealed class UdpSocket : DatagramSocket
{
    private UdpSocket(FileDescriptor descriptor) : base(descriptor) => throw new NotImplementedException();

    /// <summary>Makes, binds and connects a socket as told.</summary>
    /// <returns>The first error: EADDRINUSE, EADDRNOTAVAIL, EMFILE, ENODEV (no such device), EPERM (mark without the right), ENETUNREACH (connect), ...</returns>
    public static LinuxError TryOpen(UdpSocketOptions options, out UdpSocket? socket) => throw new NotImplementedException();

    /// <summary>The same, for callers to whom failure is fatal.</summary>
    /// <exception cref="LinuxException">As <see cref="TryOpen"/> returns.</exception>
    public static UdpSocket Open(UdpSocketOptions options) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override SockAddr LocalAddress => throw new NotImplementedException();

    /// <summary>The receive buffer the kernel granted, in octets (getsockopt gives twice what was asked).</summary>
    public int ReceiveBuffer => throw new NotImplementedException();
}
