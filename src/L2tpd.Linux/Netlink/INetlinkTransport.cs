namespace L2tpd.Linux.Netlink;

/// <summary>The transport of netlink messages: a socket of the kernel, or a scripted kernel in tests.</summary>
public interface INetlinkTransport : IDisposable
{
    /// <summary>Our port id (nlmsg_pid), which answers carry; 0 accepts any.</summary>
    uint PortId { get; }

    /// <summary>Sends one message.</summary>
    /// <returns>0 or errno.</returns>
    int Send(ReadOnlySpan<byte> message);

    /// <summary>Receives one datagram of one or more messages. Waits for the timeout of the transport at most.</summary>
    /// <returns>Octets, or -errno. EAGAIN: timeout; ENOBUFS: the kernel dropped messages.</returns>
    int Receive(Span<byte> buffer);
}
