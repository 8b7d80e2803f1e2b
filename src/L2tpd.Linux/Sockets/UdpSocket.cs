using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>Options of a UDP socket.</summary>
public sealed record UdpSocketOptions
{
    /// <summary>
    /// Address and port to bind; port 0: ephemeral. Its family is the family of the socket. A link-local address needs its scope.
    /// </summary>
    public required SockAddr Local { get; init; }

    /// <summary>Peer to connect to after binding; none: unconnected.</summary>
    public SockAddr Remote { get; init; }

    /// <summary>
    /// Whether other sockets of this user may have the same address and port: SO_REUSEPORT, which the kernel grants to one user only.
    /// SO_REUSEADDR would let any user of the machine bind the port and take its datagrams.
    /// </summary>
    public bool SharePort { get; init; }

    /// <summary>
    /// Whether the socket receives what no connected socket receives. With <see cref="SharePort"/> the kernel spreads the datagrams of
    /// unknown peers over the unconnected sockets of the port; this one must get all of them.
    /// </summary>
    public bool IsListener { get; init; }

    /// <summary>
    /// IP_FREEBIND / IPV6_FREEBIND: whether the local address may be one that no interface has yet. The socket receives as soon as one has
    /// it.
    /// </summary>
    public bool FreeBind { get; init; }

    /// <summary>SO_BINDTODEVICE: interface or VRF name.</summary>
    public string? BindDevice { get; init; }

    /// <summary>SO_MARK; 0: none. Needs CAP_NET_ADMIN.</summary>
    public uint FwMark { get; init; }

    /// <summary>Whether the kernel drops what does not come out of ESP. Needs CAP_NET_ADMIN.</summary>
    public bool RequireEsp { get; init; }

    /// <summary>IP_PKTINFO / IPV6_RECVPKTINFO: report the local address of each datagram.</summary>
    public bool PacketInfo { get; init; } = true;

    /// <summary>SO_RCVMARK: report the mark of each datagram. See <see cref="UdpSocket.CanReceiveMarks"/>.</summary>
    public bool ReceiveMarks { get; init; }

    /// <summary>IP_RECVERR / IPV6_RECVERR: put ICMP errors on the error queue, with the peer they concern.</summary>
    public bool ReceiveErrors { get; init; } = true;

    /// <summary>
    /// Receive buffer in octets (SO_RCVBUFFORCE, otherwise SO_RCVBUF up to the limit of the system); 0: the system's default.
    /// </summary>
    public int ReceiveBuffer { get; init; }

    /// <summary>Send buffer in octets; 0: the system's default.</summary>
    public int SendBuffer { get; init; }
}

/// <summary>A UDP socket over IPv4 or IPv6 (never both: IPV6_V6ONLY), non-blocking, close-on-exec. Datagrams are sent without DF.</summary>
public sealed class UdpSocket : DatagramSocket
{
    // Instructions of classic BPF (linux/bpf_common.h).
    private const ushort LoadWord = 0x20, LoadHalf = 0x28, LoadOctet = 0x30;
    private const ushort And = 0x54, JumpIfEqual = 0x15, JumpIfSet = 0x45, Return = 0x06;
    private const int ProgramLength = 12;

    private static readonly Lazy<bool> MarksAreReceived = new(TryReceiveMarks);

    private byte _members;
    private byte _dataMember;
    private byte _requestMember;

    private UdpSocket(FileDescriptor descriptor) : base(descriptor) { }

    /// <summary>
    /// The receive buffer that the kernel granted, in octets. Twice the size requested: the kernel counts its own overhead.
    /// </summary>
    public unsafe int ReceiveBuffer
    {
        get
        {
            var octets = 0;
            socklen_t length = sizeof(int);
            _ = Native.getsockopt(Descriptor, LibC.SOL_SOCKET, LibC.SO_RCVBUF, &octets, &length);
            return octets;
        }
    }

    /// <summary>Whether this kernel reports the marks of datagrams (SO_RCVMARK, Linux 5.19).</summary>
    public static bool CanReceiveMarks => MarksAreReceived.Value;

    /// <summary>Opens, binds and connects a socket.</summary>
    /// <returns>
    /// The first error: EADDRINUSE, EADDRNOTAVAIL, EMFILE, ENODEV (no such interface), EPERM (mark without CAP_NET_ADMIN), ENETUNREACH
    /// (connect).
    /// </returns>
    public static LinuxError TryOpen(UdpSocketOptions options, out UdpSocket? socket)
    {
        socket = null;
        if (options.Local.IsNone)
            return new LinuxError(Errno.EAFNOSUPPORT, "socket", "UDP without a local address");
        var set = SocketOptions.Open(options.Local.Family, LibC.SOCK_DGRAM, LibC.IPPROTO_UDP, "UDP", out var descriptor);
        SetOptions(ref set, options);
        if (!set.Error.IsNone)
        {
            descriptor.Dispose();
            return set.Error;
        }

        var opened = new UdpSocket(descriptor);
        var error = opened.BindTo(options.Local.Bytes, options.Local);
        if (error.IsNone && options is { IsListener: true, SharePort: true })
            error = opened.TakeAll();
        if (error.IsNone && !options.Remote.IsNone)
            error = opened.Connect(options.Remote);
        if (error.IsNone)
            socket = opened;
        else
            opened.Dispose();
        return error;
    }

    /// <summary>Opens, binds and connects a socket.</summary>
    /// <exception cref="LinuxException">The errors of <see cref="TryOpen"/>.</exception>
    public static UdpSocket Open(UdpSocketOptions options)
    {
        TryOpen(options, out var socket).ThrowIfError();
        return socket!;
    }

    /// <summary>
    /// Opens another socket on the address and port of this one, which gets the messages whose T bit is clear (RFC 2661 section 3.1). Data
    /// messages then have a queue of their own: however many arrive, this socket has space for control messages. Joined datagrams may still
    /// reach the other socket, but rarely.
    /// </summary>
    /// <param name="options">The options of this socket.</param>
    /// <param name="data">The new socket.</param>
    /// <returns>The first error. This socket then continues alone.</returns>
    public LinuxError TryOpenForData(UdpSocketOptions options, out UdpSocket? data) => TryOpenBeside(options, ref _dataMember, out data);

    /// <summary>
    /// Opens another socket for control messages with tunnel id 0 (L2TPv3: control connection id 0), which are requests of peers without a
    /// tunnel. A flood of them then delays no other message.
    /// </summary>
    /// <param name="options">The options of this socket.</param>
    /// <param name="requests">The new socket.</param>
    /// <returns>The first error. This socket then continues alone.</returns>
    public LinuxError TryOpenForRequests(UdpSocketOptions options, out UdpSocket? requests) =>
        TryOpenBeside(options, ref _requestMember, out requests);

    private LinuxError TryOpenBeside(UdpSocketOptions options, ref byte member, out UdpSocket? beside)
    {
        beside = null;
        var set = SocketOptions.For(Descriptor);
        set.Set(LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1, "SO_REUSEPORT");
        if (!set.Error.IsNone)
            return set.Error;
        var error = TryOpen(options with { Local = LocalAddress, SharePort = true, IsListener = false }, out var opened);
        if (!error.IsNone)
            return error;
        // The first socket of the group, this one, has number 0. Those that follow are numbered in the order of their bind.
        var former = member;
        member = ++_members;
        error = ShareByKind();
        if (error.IsNone)
        {
            beside = opened;
        }
        else
        {
            (member, _members) = (former, (byte)(_members - 1));
            opened!.Dispose();
        }

        return error;
    }

    /// <summary>
    /// Selects the socket of the group, by classic BPF over the UDP payload. A datagram that is too short for a load ends the program with
    /// 0.
    /// </summary>
    private unsafe LinuxError ShareByKind()
    {
        var program = stackalloc Native.sock_filter[ProgramLength]
        {
            new Native.sock_filter { code = LoadOctet, k = 0 },
            new Native.sock_filter { code = JumpIfSet, k = 0x80, jt = 0, jf = 8 }, // the T bit; not set: data
            new Native.sock_filter { code = LoadOctet, k = 1 },
            new Native.sock_filter { code = And, k = 0x0f },
            new Native.sock_filter { code = JumpIfEqual, k = 3, jt = 0, jf = 2 }, // the version
            new Native.sock_filter { code = LoadWord, k = 4 }, // v3: Control Connection ID
            new Native.sock_filter { code = JumpIfEqual, k = 0, jt = 4, jf = 2 },
            new Native.sock_filter { code = LoadHalf, k = 4 }, // v2: Tunnel ID
            new Native.sock_filter { code = JumpIfEqual, k = 0, jt = 2, jf = 0 },
            new Native.sock_filter { code = Return, k = 0 },
            new Native.sock_filter { code = Return, k = _dataMember },
            new Native.sock_filter { code = Return, k = _requestMember },
        };
        return Select(program, ProgramLength);
    }

    /// <summary>Lets the first socket of the group, this one, receive every datagram that no connected socket receives.</summary>
    private unsafe LinuxError TakeAll()
    {
        var program = stackalloc Native.sock_filter[1] { new Native.sock_filter { code = Return, k = 0 } };
        return Select(program, 1);
    }

    /// <summary>Attaches a classic BPF program that returns the number of a socket in the group.</summary>
    private unsafe LinuxError Select(Native.sock_filter* program, ushort length)
    {
        var filter = new Native.sock_fprog { len = length, filter = program };
        return Native.setsockopt(Descriptor, LibC.SOL_SOCKET, LibC.SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof(Native.sock_fprog)) < 0
            ? new LinuxError(LibC.errno, "setsockopt", "SO_ATTACH_REUSEPORT_CBPF")
            : LinuxError.None;
    }

    private static bool TryReceiveMarks()
    {
        var set = SocketOptions.Open(LibC.AF_INET, LibC.SOCK_DGRAM, LibC.IPPROTO_UDP, "UDP", out var descriptor);
        set.Set(LibC.SOL_SOCKET, Native.SO_RCVMARK, 1, "SO_RCVMARK");
        descriptor.Dispose();
        return set.Error.IsNone;
    }

    private static void SetOptions(ref SocketOptions set, UdpSocketOptions options)
    {
        var ipv6 = options.Local.IsIPv6;
        var level = ipv6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP;
        set.SetIf(ipv6, level, LibC.IPV6_V6ONLY, 1, "IPV6_V6ONLY");
        set.SetIf(options.FreeBind, level, ipv6 ? LibC.IPV6_FREEBIND : LibC.IP_FREEBIND, 1, "FREEBIND");
        set.SetIf(options.SharePort, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1, "SO_REUSEPORT");
        set.Bind(new SocketBinding(options.BindDevice, options.FwMark, options.RequireEsp), ipv6);
        set.SetIf(options.PacketInfo, level, ipv6 ? LibC.IPV6_RECVPKTINFO : LibC.IP_PKTINFO, 1, "PKTINFO");
        set.SetIf(options.ReceiveMarks, LibC.SOL_SOCKET, Native.SO_RCVMARK, 1, "SO_RCVMARK");
        set.SetIf(options.ReceiveErrors, level, ipv6 ? LibC.IPV6_RECVERR : LibC.IP_RECVERR, 1, "RECVERR");
        // No DF: the inner packets of a tunnel fill the MTU of the path, and data that must be fragmented must still arrive.
        set.Set(level, ipv6 ? LibC.IPV6_MTU_DISCOVER : LibC.IP_MTU_DISCOVER, LibC.IP_PMTUDISC_DONT, "MTU_DISCOVER");
        set.SetBuffer(LibC.SO_RCVBUFFORCE, LibC.SO_RCVBUF, options.ReceiveBuffer);
        set.SetBuffer(LibC.SO_SNDBUFFORCE, LibC.SO_SNDBUF, options.SendBuffer);
    }
}
