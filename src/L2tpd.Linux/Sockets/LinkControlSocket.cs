using System.Buffers.Binary;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// Receives the packets by which the other end of one interface configures its link. IPv6: neighbour discovery that passed no router (RFC
/// 4861 section 6.1), and DHCPv6 to a server. IPv4: DHCP to a server. A packet(7) socket: the kernel handles the packets as well. It reads
/// nothing else, and sends nothing.
/// </summary>
public sealed class LinkControlSocket : IDisposable
{
    /// <summary>Room for the longest packet that is read, octets; longer ones are cut.</summary>
    public const int LongestPacket = 1500;

    // A few packets: a peer that sends more than are read loses them.
    private const int Buffer = 16 * 1024;

    // Instructions of classic BPF (linux/bpf_common.h).
    private const ushort LoadHalf = 0x28, LoadOctet = 0x30;
    private const ushort JumpIfEqual = 0x15, JumpIfGreater = 0x25, JumpIfGreaterOrEqual = 0x35, Return = 0x06;
    private const int Ipv6Length = 12;
    private const int Ipv4Length = 9;
    private const ushort LoadHeaderLength = 0xb1, LoadHalfBehindHeader = 0x48, JumpIfSet = 0x45;

    private LinkControlSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The socket, to register with the loop.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a socket for one interface. Needs CAP_NET_RAW.</summary>
    /// <param name="interface">Interface index.</param>
    /// <param name="isIPv6">IPv6 packets; otherwise those of IPv4.</param>
    /// <param name="socket">The socket.</param>
    /// <returns>EPERM: CAP_NET_RAW is missing; ENODEV: no such interface; EAFNOSUPPORT: a kernel without packet sockets.</returns>
    public static LinuxError TryOpen(uint @interface, bool isIPv6, out LinkControlSocket? socket)
    {
        socket = null;
        // Without a protocol nothing is received before the filter is there.
        var set = SocketOptions.Open(LibC.AF_PACKET, LibC.SOCK_DGRAM, 0, "packet", out var descriptor);
        set.SetBuffer(LibC.SO_RCVBUFFORCE, LibC.SO_RCVBUF, Buffer);
        var error = set.Error;
        if (error.IsNone)
            error = isIPv6 ? FilterIpv6(descriptor) : FilterIpv4(descriptor);
        if (error.IsNone)
            error = Bind(descriptor, @interface, isIPv6 ? Native.ETH_P_IPV6 : Native.ETH_P_IP);
        if (error.IsNone)
            socket = new LinkControlSocket(descriptor);
        else
            descriptor.Dispose();
        return error;
    }

    /// <summary>Reads one packet, from its IP header on.</summary>
    /// <param name="packet">Room for <see cref="LongestPacket"/> octets.</param>
    /// <returns>Octets, or -errno. -EAGAIN: no packet now; -ENETDOWN: the interface was set down.</returns>
    public int Read(Span<byte> packet) => Descriptor.Read(packet);

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    /// <summary>The filter sees the packet from its IPv6 header on. One that is too short for a load is dropped.</summary>
    private static unsafe LinuxError FilterIpv6(FileDescriptor descriptor)
    {
        var program = stackalloc Native.sock_filter[Ipv6Length]
        {
            new Native.sock_filter { code = LoadOctet, k = 6 }, // Next Header
            new Native.sock_filter { code = JumpIfEqual, k = 58, jt = 0, jf = 5 }, // ICMPv6
            new Native.sock_filter { code = LoadOctet, k = 7 }, // Hop Limit
            new Native.sock_filter { code = JumpIfEqual, k = 255, jt = 0, jf = 7 },
            new Native.sock_filter { code = LoadOctet, k = 40 }, // type: router solicitation to redirect
            new Native.sock_filter { code = JumpIfGreaterOrEqual, k = 133, jt = 0, jf = 5 },
            new Native.sock_filter { code = JumpIfGreater, k = 137, jt = 4, jf = 3 },
            new Native.sock_filter { code = JumpIfEqual, k = 17, jt = 0, jf = 3 }, // UDP
            new Native.sock_filter { code = LoadHalf, k = 42 }, // destination port
            new Native.sock_filter { code = JumpIfEqual, k = 547, jt = 0, jf = 1 },
            new Native.sock_filter { code = Return, k = LongestPacket },
            new Native.sock_filter { code = Return, k = 0 },
        };
        return Attach(descriptor, program, Ipv6Length);
    }

    /// <summary>The same from the IPv4 header on, whose length is in its first octet.</summary>
    private static unsafe LinuxError FilterIpv4(FileDescriptor descriptor)
    {
        var program = stackalloc Native.sock_filter[Ipv4Length]
        {
            new Native.sock_filter { code = LoadOctet, k = 9 }, // Protocol
            new Native.sock_filter { code = JumpIfEqual, k = 17, jt = 0, jf = 6 }, // UDP
            new Native.sock_filter { code = LoadHalf, k = 6 }, // more fragments, and offset
            new Native.sock_filter { code = JumpIfSet, k = 0x3fff, jt = 4, jf = 0 },
            new Native.sock_filter { code = LoadHeaderLength, k = 0 },
            new Native.sock_filter { code = LoadHalfBehindHeader, k = 2 }, // destination port
            new Native.sock_filter { code = JumpIfEqual, k = 67, jt = 0, jf = 1 },
            new Native.sock_filter { code = Return, k = LongestPacket },
            new Native.sock_filter { code = Return, k = 0 },
        };
        return Attach(descriptor, program, Ipv4Length);
    }

    private static unsafe LinuxError Attach(FileDescriptor descriptor, Native.sock_filter* program, ushort length)
    {
        var filter = new Native.sock_fprog { len = length, filter = program };
        return Native.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_ATTACH_FILTER, &filter, sizeof(Native.sock_fprog)) < 0
            ? new LinuxError(LibC.errno, "setsockopt", "SO_ATTACH_FILTER") : LinuxError.None;
    }

    private static unsafe LinuxError Bind(FileDescriptor descriptor, uint @interface, ushort protocol)
    {
        var address = new sockaddr_ll
        {
            sll_family = (ushort)LibC.AF_PACKET,
            sll_protocol = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(protocol) : protocol,
            sll_ifindex = (int)@interface,
        };
        return Native.bind(descriptor, (byte*)&address, sizeof(sockaddr_ll)) < 0
            ? new LinuxError(LibC.errno, "bind", $"packet socket of interface {@interface}") : LinuxError.None;
    }
}
