using System.Runtime.CompilerServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

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
    private ushort localPort;

    private protected DatagramSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The socket, to register with the loop, to give to netlink (FD) or to a child.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>getsockname, read again at every call of it (after connect the kernel may have chosen the address). None once closed.</summary>
    public unsafe SockAddr LocalAddress
    {
        get
        {
            var name = stackalloc byte[MessageVector.NameSize];
            socklen_t length = MessageVector.NameSize;
            return Native.getsockname(Descriptor, name, &length) < 0
                ? SockAddr.None
                : SockAddr.Read(new ReadOnlySpan<byte>(name, Math.Min((int)length, MessageVector.NameSize)));
        }
    }

    /// <summary>Fills the batch with what is there (recvmmsg), at most <see cref="ReceiveBatch.Capacity"/> messages.</summary>
    /// <returns>Count of messages, of which each may be several datagrams: <see cref="ReceiveBatch.Count"/>; 0 when there is none; -errno for an error of the socket (ECONNREFUSED and the like: a pending asynchronous error, now cleared; go on).</returns>
    public unsafe int Receive(ReceiveBatch batch)
    {
        batch.Prepare();
        while (true)
        {
            var count = Native.recvmmsg(Descriptor, batch.Vector.Headers, (uint)batch.Capacity, LibC.MSG_DONTWAIT, null);
            if (count >= 0)
            {
                batch.Complete(count, localPort);
                return count;
            }
            if (LibC.errno == Errno.EAGAIN)
                return 0;
            if (LibC.errno != Errno.EINTR)
                return -LibC.errno;
        }
    }

    /// <summary>
    /// Sends what the batch holds (sendmmsg). A datagram that is refused is marked (<see cref="SendBatch.ErrorOf"/>) and the next one tried.
    /// </summary>
    /// <returns>True: every datagram was sent or refused, the batch may be cleared. False: the socket's buffer is full; call again when writable, it goes on where it stopped.</returns>
    public unsafe bool Send(SendBatch batch)
    {
        var isSecondTry = false;
        var join = JoinsDatagrams;
        while (batch.Done < batch.Count)
        {
            var runs = batch.Runs(join);
            var count = Native.sendmmsg(Descriptor, runs.Headers, (uint)runs.Count, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL);
            var errno = count < 0 ? LibC.errno : 0;
            if (errno == Errno.EAGAIN)
                return false;
            if (errno == Errno.EINTR)
                continue;
            if (count >= 0)
                batch.Sent(runs.DatagramsIn(count));
            // The first error may be an older datagram's that the kernel reports at the next call: only a second one is this datagram's own.
            else if (isSecondTry && runs.IsJoined)
                join = false; // what a run is refused for, a single datagram may not be
            else if (isSecondTry)
                batch.Refused(errno);
            // A device that cannot fill in checksums takes no run, ever.
            JoinsDatagrams &= errno != Errno.EIO;
            isSecondTry = errno != 0 && !isSecondTry;
        }
        return true;
    }

    /// <summary>Datagrams that may be (<see cref="SendBatch.Commit"/>) are given to the kernel in one piece with their neighbours.</summary>
    public bool JoinsDatagrams { get; private set; }

    /// <summary>
    /// The kernel may join datagrams of one sender on their way in (UDP_GRO), so that <see cref="Receive"/> needs buffers of 65,535 octets, and takes several in one piece
    /// (UDP_SEGMENT). What the kernel does not have stays off.
    /// </summary>
    public unsafe void JoinDatagrams()
    {
        if (this is not UdpSocket)
            return;
        var (on, off) = (1, 0);
        JoinsDatagrams = Native.setsockopt(Descriptor, LibC.IPPROTO_UDP, Native.UDP_SEGMENT, &off, sizeof(int)) == 0;
        _ = Native.setsockopt(Descriptor, LibC.IPPROTO_UDP, Native.UDP_GRO, &on, sizeof(int));
    }

    /// <summary>Takes one entry off the error queue (MSG_ERRQUEUE). To be called until false when the loop reports <see cref="Loop.Readiness.Error"/>.</summary>
    [SkipLocalsInit]
    public unsafe bool TryReadError(out DatagramError error)
    {
        const int controlSize = 256;
        var name = stackalloc byte[MessageVector.NameSize];
        var control = stackalloc byte[controlSize];
        byte payload;
        var vector = new iovec { iov_base = &payload, iov_len = 1 };
        while (true)
        {
            var header = new msghdr
            {
                msg_name = name,
                msg_namelen = MessageVector.NameSize,
                msg_iov = &vector,
                msg_iovlen = 1,
                msg_control = control,
                msg_controllen = controlSize,
            };
            if (Native.recvmsg(Descriptor, &header, LibC.MSG_ERRQUEUE | LibC.MSG_DONTWAIT) < 0)
            {
                if (LibC.errno == Errno.EINTR)
                    continue;
                return TryTakePendingError(out error);
            }
            var contents = ControlMessages.Read(new ReadOnlySpan<byte>(control, Math.Min((int)header.msg_controllen, controlSize)));
            if (!contents.HasError)
                continue;
            error = contents.Error with { Peer = SockAddr.Read(new ReadOnlySpan<byte>(name, Math.Min((int)header.msg_namelen, MessageVector.NameSize))) };
            return true;
        }
    }

    /// <summary>Connects to the peer (or again to another one).</summary>
    public LinuxError Connect(in SockAddr remote) => ConnectTo(remote.Bytes, remote);

    /// <summary>Makes both buffers larger, for a socket that turns out to carry data: by force, else as far as the system allows.</summary>
    public void GrowBuffers(int octets)
    {
        var set = SocketOptions.For(Descriptor);
        set.SetBuffer(LibC.SO_RCVBUFFORCE, LibC.SO_RCVBUF, octets);
        set.SetBuffer(LibC.SO_SNDBUFFORCE, LibC.SO_SNDBUF, octets);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the descriptor.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Descriptor.Dispose();
    }

    /// <summary>After bind or connect: datagrams carry the port in their destination.</summary>
    private protected void ReadLocalPort() => localPort = LocalAddress.Port;

    private protected unsafe LinuxError ConnectTo(ReadOnlySpan<byte> name, in SockAddr remote)
    {
        fixed (byte* start = name)
        {
            if (Native.connect(Descriptor, start, name.Length) < 0)
                return new LinuxError(LibC.errno, "connect", remote.ToString());
        }
        ReadLocalPort();
        return LinuxError.None;
    }

    private protected unsafe LinuxError BindTo(ReadOnlySpan<byte> name, in SockAddr local)
    {
        fixed (byte* start = name)
        {
            if (Native.bind(Descriptor, start, name.Length) < 0)
                return new LinuxError(LibC.errno, "bind", local.ToString());
        }
        ReadLocalPort();
        return LinuxError.None;
    }

    /// <summary>SO_ERROR, read and cleared: without this an error that has no entry in the queue would keep the loop turning.</summary>
    private unsafe bool TryTakePendingError(out DatagramError error)
    {
        var errno = stackalloc int[1];
        socklen_t length = sizeof(int);
        if (Native.getsockopt(Descriptor, LibC.SOL_SOCKET, LibC.SO_ERROR, errno, &length) < 0)
            *errno = 0;
        error = new DatagramError(*errno, SockAddr.None, SockAddr.None, 0, 0, IsLocal: true);
        return *errno != 0;
    }
}
