using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>How a UDP socket is made.</summary>
public sealed record UdpSocketOptions
{
    /// <summary>Address and port to bind; port 0: ephemeral. Its family is the socket's. A link-local address needs its scope.</summary>
    public required SockAddr Local { get; init; }

    /// <summary>Peer to connect to after binding; none: unconnected.</summary>
    public SockAddr Remote { get; init; }

    /// <summary>
    /// Other sockets of this user may have the same address and port: SO_REUSEPORT, which the kernel grants to one user only. SO_REUSEADDR would let any user of the machine
    /// bind the port and take its datagrams.
    /// </summary>
    public bool SharePort { get; init; }

    /// <summary>
    /// The socket that hears whoever has no socket of its own: with <see cref="SharePort"/> the kernel spreads the datagrams of unknown peers over the unconnected sockets of
    /// the port, and this one is to have them all.
    /// </summary>
    public bool IsListener { get; init; }

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
    private const ushort LoadWord = 0x20, LoadHalf = 0x28, LoadOctet = 0x30, And = 0x54, JumpIfEqual = 0x15, JumpIfSet = 0x45, Return = 0x06;
    private const int ProgramLength = 12;

    private byte members;
    private byte dataMember;
    private byte requestMember;

    private UdpSocket(FileDescriptor descriptor) : base(descriptor) { }

    /// <summary>The receive buffer the kernel granted, in octets (twice what was asked: the kernel counts its own overhead).</summary>
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

    /// <summary>Makes, binds and connects a socket as told.</summary>
    /// <returns>The first error: EADDRINUSE, EADDRNOTAVAIL, EMFILE, ENODEV (no such device), EPERM (mark without the right), ENETUNREACH (connect), ...</returns>
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

    /// <summary>The same, for callers to whom failure is fatal.</summary>
    /// <exception cref="LinuxException">As <see cref="TryOpen"/> returns.</exception>
    public static UdpSocket Open(UdpSocketOptions options)
    {
        TryOpen(options, out var socket).ThrowIfError();
        return socket!;
    }

    /// <summary>
    /// Opens another socket on the address and port of this one, and has the kernel give it what has L2TP's T bit clear: data messages then have a queue of their own, and
    /// however many come, control messages find room in this one's. Both sockets may still get either, if rarely (joined datagrams).
    /// </summary>
    /// <param name="options">As of this socket.</param>
    /// <param name="data">The other socket.</param>
    /// <returns>The first error; this socket goes on alone then.</returns>
    public LinuxError TryOpenForData(UdpSocketOptions options, out UdpSocket? data) => TryOpenBeside(options, ref dataMember, out data);

    /// <summary>
    /// The same for control messages with tunnel id 0 (L2TPv3: control connection id 0), which are requests of those who have no tunnel: a flood of them then
    /// keeps no other message waiting.
    /// </summary>
    /// <param name="options">As of this socket.</param>
    /// <param name="requests">The other socket.</param>
    /// <returns>The first error; this socket goes on alone then.</returns>
    public LinuxError TryOpenForRequests(UdpSocketOptions options, out UdpSocket? requests) => TryOpenBeside(options, ref requestMember, out requests);

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
        // The group's first socket, this one, is number 0; those that follow are numbered as they are bound.
        var former = member;
        member = ++members;
        error = ShareByKind();
        if (error.IsNone)
            beside = opened;
        else
        {
            (member, members) = (former, (byte)(members - 1));
            opened!.Dispose();
        }

        return error;
    }

    /// <summary>Which socket of the group gets what, in classic BPF over the UDP payload. A datagram too short for a load ends the program with 0.</summary>
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
            new Native.sock_filter { code = Return, k = dataMember },
            new Native.sock_filter { code = Return, k = requestMember },
        };
        return Select(program, ProgramLength);
    }

    /// <summary>The group's first socket, this one, gets every datagram that no connected socket wants.</summary>
    private unsafe LinuxError TakeAll()
    {
        var program = stackalloc Native.sock_filter[1] { new Native.sock_filter { code = 0x06, k = 0 } };
        return Select(program, 1);
    }

    /// <summary>Has a program of classic BPF choose the socket of the group, by its number.</summary>
    private unsafe LinuxError Select(Native.sock_filter* program, ushort length)
    {
        var filter = new Native.sock_fprog { len = length, filter = program };
        return Native.setsockopt(Descriptor, LibC.SOL_SOCKET, LibC.SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof(Native.sock_fprog)) < 0
            ? new LinuxError(LibC.errno, "setsockopt", "SO_ATTACH_REUSEPORT_CBPF")
            : LinuxError.None;
    }

    private static void SetOptions(ref SocketOptions set, UdpSocketOptions options)
    {
        var ipv6 = options.Local.IsIPv6;
        var level = ipv6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP;
        set.SetIf(ipv6, level, LibC.IPV6_V6ONLY, 1, "IPV6_V6ONLY");
        set.SetIf(options.SharePort, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1, "SO_REUSEPORT");
        set.SetRouting(options.BindDevice, options.FwMark);
        set.SetIf(options.PacketInfo, level, ipv6 ? LibC.IPV6_RECVPKTINFO : LibC.IP_PKTINFO, 1, "PKTINFO");
        set.SetIf(options.ReceiveErrors, level, ipv6 ? LibC.IPV6_RECVERR : LibC.IP_RECVERR, 1, "RECVERR");
        // No DF: a tunnel's inner packets fill the path's MTU, and data that needs fragments must still arrive.
        set.Set(level, ipv6 ? LibC.IPV6_MTU_DISCOVER : LibC.IP_MTU_DISCOVER, LibC.IP_PMTUDISC_DONT, "MTU_DISCOVER");
        set.SetBuffer(LibC.SO_RCVBUFFORCE, LibC.SO_RCVBUF, options.ReceiveBuffer);
        set.SetBuffer(LibC.SO_SNDBUFFORCE, LibC.SO_SNDBUF, options.SendBuffer);
    }
}
