namespace L2tpd.Linux.Sockets;

/// <summary>What the kernel told about a datagram sent earlier (IP_RECVERR, ip(7)), or about the socket.</summary>
/// <param name="Errno">ECONNREFUSED for port unreachable, EHOSTUNREACH, EMSGSIZE, ...</param>
/// <param name="Peer">Where the datagram in question was sent to; none if unknown.</param>
/// <param name="Reporter">Who reported it (the router or host that sent the ICMP message); none for local errors.</param>
/// <param name="IcmpType">ICMP type, 0 for local errors.</param>
/// <param name="IcmpCode">ICMP code, 0 for local errors.</param>
/// <param name="IsLocal">True when this host made the error.</param>
public readonly record struct DatagramError(int Errno, SockAddr Peer, SockAddr Reporter, byte IcmpType, byte IcmpCode, bool IsLocal);

/// <summary>A non-blocking datagram socket that sends and receives in batches without allocation.</summary>
public abstract class DatagramSocket : IDisposable
{
    private protected DatagramSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The socket, to register with the loop, to give to netlink (FD) or to a child.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>getsockname, read again at every call of it (after connect the kernel may have chosen the address).</summary>
    public abstract SockAddr LocalAddress { get; }

    /// <summary>Fills the batch with what is there (recvmmsg), at most <see cref="ReceiveBatch.Capacity"/>.</summary>
    /// <returns>Count of datagrams; 0 when there is none; -errno for an error of the socket (ECONNREFUSED and the like: a pending asynchronous error, now cleared; go on).</returns>
    public int Receive(ReceiveBatch batch) => throw new NotImplementedException();

    /// <summary>
    /// Sends what the batch holds (sendmmsg). A datagram that is refused is marked (<see cref="SendBatch.ErrorOf"/>) and the next one tried.
    /// </summary>
    /// <returns>True: every datagram was sent or refused, the batch may be cleared. False: the socket's buffer is full; call again when writable, it goes on where it stopped.</returns>
    public bool Send(SendBatch batch) => throw new NotImplementedException();

    /// <summary>Takes one entry off the error queue (MSG_ERRQUEUE). To be called until false when the loop reports <see cref="Loop.Readiness.Error"/>.</summary>
    public bool TryReadError(out DatagramError error) => throw new NotImplementedException();

    /// <summary>Connects to the peer (or again to another one).</summary>
    public LinuxError Connect(in SockAddr remote) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
