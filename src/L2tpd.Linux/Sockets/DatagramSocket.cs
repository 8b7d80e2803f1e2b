using System.Runtime.CompilerServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>An error that the kernel reported about a datagram sent earlier (IP_RECVERR, ip(7)) or about the socket.</summary>
/// <param name="Errno">ECONNREFUSED for port unreachable, EHOSTUNREACH, EMSGSIZE, ...</param>
/// <param name="Peer">The destination of the datagram; none if unknown.</param>
/// <param name="Reporter">The router or host that sent the ICMP message; none for local errors.</param>
/// <param name="IcmpType">ICMP type, 0 for local errors.</param>
/// <param name="IcmpCode">ICMP code, 0 for local errors.</param>
/// <param name="IsLocal">Whether this host reported it.</param>
public readonly record struct DatagramError(int Errno, SockAddr Peer, SockAddr Reporter, byte IcmpType, byte IcmpCode, bool IsLocal);

/// <summary>A non-blocking datagram socket that sends and receives in batches without allocation.</summary>
public abstract class DatagramSocket : IDisposable
{
    private ushort _localPort;

    private protected DatagramSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The socket, to register with the loop, to give to netlink (FD) or to a child.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>
    /// The result of getsockname, read at each call: after connect the kernel may have chosen the address. None once closed.
    /// </summary>
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

    /// <summary>Receives what is there (recvmmsg), at most <see cref="ReceiveBatch.Capacity"/> messages.</summary>
    /// <returns>
    /// Number of messages, each of which may be several datagrams (<see cref="ReceiveBatch.Count"/>); 0 if there is none; -errno for a
    /// pending error of the socket, such as ECONNREFUSED, which is now cleared: continue.
    /// </returns>
    public unsafe int Receive(ReceiveBatch batch)
    {
        batch.Prepare();
        while (true)
        {
            var count = Native.recvmmsg(Descriptor, batch.Vector.Headers, (uint)batch.Capacity, LibC.MSG_DONTWAIT, null);
            if (count >= 0)
            {
                batch.Complete(count, _localPort);
                return count;
            }

            if (LibC.errno == Errno.EAGAIN)
                return 0;
            if (LibC.errno != Errno.EINTR)
                return -LibC.errno;
        }
    }

    /// <summary>
    /// Sends the batch (sendmmsg). A datagram that is refused is marked (<see cref="SendBatch.ErrorOf"/>), and the next one is tried.
    /// </summary>
    /// <returns>
    /// True: every datagram was sent or refused, and the batch may be cleared. False: the buffer of the socket is full. Call again when the
    /// socket is writable; sending continues where it stopped.
    /// </returns>
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
            // The first error may belong to an earlier datagram, reported now. Only a second error belongs to this one.
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

    /// <summary>
    /// Whether joinable datagrams (<see cref="SendBatch.Commit"/>) are given to the kernel in one piece with their neighbours.
    /// </summary>
    public bool JoinsDatagrams { get; private set; }

    /// <summary>
    /// Lets the kernel join received datagrams of one sender (UDP_GRO), so that <see cref="Receive"/> needs buffers of 65,535 octets, and
    /// segment what is sent (UDP_SEGMENT). What the kernel lacks stays off.
    /// </summary>
    public unsafe void JoinDatagrams()
    {
        if (this is not UdpSocket)
            return;
        var (on, off) = (1, 0);
        JoinsDatagrams = Native.setsockopt(Descriptor, LibC.IPPROTO_UDP, Native.UDP_SEGMENT, &off, sizeof(int)) == 0;
        _ = Native.setsockopt(Descriptor, LibC.IPPROTO_UDP, Native.UDP_GRO, &on, sizeof(int));
    }

    /// <summary>
    /// Takes one entry off the error queue (MSG_ERRQUEUE). When the loop reports <see cref="Loop.Readiness.Error"/>, call until false.
    /// </summary>
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
            var peer = new ReadOnlySpan<byte>(name, Math.Min((int)header.msg_namelen, MessageVector.NameSize));
            error = contents.Error with { Peer = SockAddr.Read(peer) };
            return true;
        }
    }

    /// <summary>Connects to a peer, or to another peer than before.</summary>
    public LinuxError Connect(in SockAddr remote) => ConnectTo(remote.Bytes, remote);

    /// <summary>Enlarges both buffers, for a socket that carries data: by force, or otherwise as far as the system allows.</summary>
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

    /// <summary>Call after bind or connect: received datagrams carry the port in their destination.</summary>
    private protected void ReadLocalPort() => _localPort = LocalAddress.Port;

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

    /// <summary>Reads and clears SO_ERROR. Without this, an error without an entry in the queue would keep the loop turning.</summary>
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
