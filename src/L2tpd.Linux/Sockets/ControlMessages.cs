using System.Buffers.Binary;
using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// Control messages (cmsg(3)) of datagram sockets: a datagram's local address and mark, how datagrams are joined, and errors of the kernel.
/// </summary>
internal static unsafe class ControlMessages
{
    private const int HeaderSize = 16;
    private const int PacketInfo4Size = 12;
    private const int PacketInfo6Size = 20;

    /// <summary>The control messages of a received datagram. What they do not contain keeps its default.</summary>
    public ref struct Contents
    {
        public SockAddr Destination;
        public uint InterfaceIndex;
        public bool HasError;

        /// <summary>Octets of each datagram of a run that the kernel has joined (UDP_GRO); 0: one datagram.</summary>
        public int SegmentSize;

        /// <summary>The packet's mark (SO_RCVMARK); 0: it has none, or the socket does not ask for it.</summary>
        public uint Mark;
        public DatagramError Error;
    }

    public static Contents Read(ReadOnlySpan<byte> control)
    {
        var contents = default(Contents);
        while (control.Length >= HeaderSize)
        {
            var header = MemoryMarshal.Read<cmsghdr>(control);
            var length = (int)header.cmsg_len;
            if (length < HeaderSize || length > control.Length)
                break;
            ReadOne(ref contents, header.cmsg_level, header.cmsg_type, control[HeaderSize..length]);
            control = control[Math.Min(Align(length), control.Length)..];
        }

        return contents;
    }

    /// <summary>Writes the pktinfo of a datagram to send.</summary>
    /// <returns>Octets written; 0 if neither source nor interface is given.</returns>
    public static int WritePacketInfo(Span<byte> control, in SockAddr source, bool ipv6, uint interfaceIndex)
    {
        if (source.IsNone && interfaceIndex == 0)
            return 0;
        var length = HeaderSize + (ipv6 ? PacketInfo6Size : PacketInfo4Size);
        control[..Align(length)].Clear();
        var header = new cmsghdr
        {
            cmsg_len = length,
            cmsg_level = ipv6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP,
            cmsg_type = ipv6 ? LibC.IPV6_PKTINFO : LibC.IP_PKTINFO,
        };
        MemoryMarshal.Write(control, header);
        var data = control[HeaderSize..];
        if (ipv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(data, source.IsNone ? 0 : source.Address);
            MemoryMarshal.Write(data[16..], interfaceIndex);
        }
        else
        {
            MemoryMarshal.Write(data, interfaceIndex);
            BinaryPrimitives.WriteUInt32BigEndian(data[4..], source.IsNone ? 0 : (uint)source.Address);
        }

        return Align(length);
    }

    /// <summary>Writes the size by which the kernel segments what is sent (UDP_SEGMENT).</summary>
    /// <param name="control">The space after the control messages written so far.</param>
    /// <param name="size">Octets of each datagram.</param>
    /// <returns>Octets written.</returns>
    public static int WriteSegmentSize(Span<byte> control, int size)
    {
        var length = HeaderSize + sizeof(ushort);
        control[..Align(length)].Clear();
        MemoryMarshal.Write(control, new cmsghdr { cmsg_len = length, cmsg_level = LibC.IPPROTO_UDP, cmsg_type = Native.UDP_SEGMENT });
        MemoryMarshal.Write(control[HeaderSize..], (ushort)size);
        return Align(length);
    }

    /// <summary>Writes the mark that the datagram leaves with, instead of the socket's (SO_MARK). Needs CAP_NET_ADMIN.</summary>
    /// <param name="control">The space after the control messages written so far.</param>
    /// <param name="mark">0: the socket's own, nothing is written.</param>
    /// <returns>Octets written.</returns>
    public static int WriteMark(Span<byte> control, uint mark)
    {
        if (mark == 0)
            return 0;
        var length = HeaderSize + sizeof(uint);
        control[..Align(length)].Clear();
        MemoryMarshal.Write(control, new cmsghdr { cmsg_len = length, cmsg_level = LibC.SOL_SOCKET, cmsg_type = LibC.SO_MARK });
        MemoryMarshal.Write(control[HeaderSize..], mark);
        return Align(length);
    }

    private static void ReadOne(ref Contents contents, int level, int type, ReadOnlySpan<byte> data)
    {
        if (level == LibC.IPPROTO_IP && type == LibC.IP_PKTINFO && data.Length >= PacketInfo4Size)
        {
            contents.InterfaceIndex = MemoryMarshal.Read<uint>(data);
            // ipi_addr, the header's destination; ipi_spec_dst is the local address routing picks, another one for broadcasts.
            contents.Destination = SockAddr.IPv4(BinaryPrimitives.ReadUInt32BigEndian(data[8..]), 0);
        }
        else if (level == LibC.IPPROTO_IPV6 && type == LibC.IPV6_PKTINFO && data.Length >= PacketInfo6Size)
        {
            contents.InterfaceIndex = MemoryMarshal.Read<uint>(data[16..]);
            var address = SockAddr.IPv6(BinaryPrimitives.ReadUInt128BigEndian(data), 0);
            contents.Destination = address.IsLinkLocalIPv6 ? SockAddr.IPv6(address.Address, 0, contents.InterfaceIndex) : address;
        }
        else if (level == LibC.IPPROTO_UDP && type == Native.UDP_GRO && data.Length >= sizeof(int))
        {
            contents.SegmentSize = MemoryMarshal.Read<int>(data);
        }
        else if (level == LibC.SOL_SOCKET && type == LibC.SO_MARK && data.Length >= sizeof(uint))
        {
            contents.Mark = MemoryMarshal.Read<uint>(data);
        }
        else if ((level == LibC.IPPROTO_IP && type == LibC.IP_RECVERR) || (level == LibC.IPPROTO_IPV6 && type == LibC.IPV6_RECVERR))
        {
            ReadError(ref contents, data);
        }
    }

    private static void ReadError(ref Contents contents, ReadOnlySpan<byte> data)
    {
        if (data.Length < sizeof(sock_extended_err))
            return;
        var error = MemoryMarshal.Read<sock_extended_err>(data);
        var isLocal = error.ee_origin == LibC.SO_EE_ORIGIN_LOCAL;
        var reporter = isLocal ? SockAddr.None : SockAddr.Read(data[sizeof(sock_extended_err)..]);
        contents.HasError = true;
        contents.Error = new DatagramError((int)error.ee_errno, SockAddr.None, reporter, error.ee_type, error.ee_code, isLocal);
    }

    private static int Align(int length) => (length + 7) & ~7;
}
