namespace L2tpd.Linux.Netlink;

/// <summary>What carries netlink messages: the kernel's socket, or a scripted kernel in tests.</summary>
public interface INetlinkTransport : IDisposable
{
    /// <summary>Our port id (nlmsg_pid); answers carry it. 0 accepts any.</summary>
    uint PortId { get; }

    /// <summary>Sends one message.</summary>
    /// <returns>0 or errno.</returns>
    int Send(ReadOnlySpan<byte> message);

    /// <summary>Receives one datagram of one or more messages; waits at most the transport's timeout.</summary>
    /// <returns>Octets, or -errno: EAGAIN after the timeout, ENOBUFS when the kernel dropped messages for us.</returns>
    int Receive(Span<byte> buffer);
}
