using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// A raw socket of IP protocol 115, for kernels without L2TP/IP sockets. Control and data messages have their session id in front, which is
/// 0 in control messages. Needs CAP_NET_RAW. Every raw socket with matching addresses gets a copy of each packet.
/// </summary>
public sealed class RawL2tpSocket : DatagramSocket
{
    private const int LeastIPv4Header = 20;

    private RawL2tpSocket(FileDescriptor descriptor, bool isIPv6) : base(descriptor) => IsIPv6 = isIPv6;

    /// <summary>Whether the socket is of IPv6.</summary>
    public bool IsIPv6 { get; }

    /// <summary>Opens a socket, binds it, and connects it if a remote is given.</summary>
    /// <param name="local">Local address, or the wildcard. Its family is the family of the socket.</param>
    /// <param name="remote">The only peer whose packets are received, or none.</param>
    /// <param name="binding">Device, mark and policy.</param>
    /// <param name="buffer">Receive and send buffer in octets; 0: the system's default.</param>
    /// <param name="socket">The socket.</param>
    /// <returns>EPERM: CAP_NET_RAW is missing; EADDRNOTAVAIL.</returns>
    public static LinuxError TryOpen(
        in SockAddr local, in SockAddr remote, in SocketBinding binding, int buffer, out RawL2tpSocket? socket)
    {
        socket = null;
        if (local.IsNone)
            return new LinuxError(Errno.EAFNOSUPPORT, "socket", "raw L2TP/IP without a local address");
        var set = SocketOptions.Open(local.Family, LibC.SOCK_RAW, Native.IPPROTO_L2TP, "raw L2TP/IP", out var descriptor);
        SetOptions(ref set, local.IsIPv6, binding, buffer);
        if (!set.Error.IsNone)
        {
            descriptor.Dispose();
            return set.Error;
        }

        var opened = new RawL2tpSocket(descriptor, local.IsIPv6);
        var error = opened.BindTo(local.WithPort(0).Bytes, local);
        if (error.IsNone && !remote.IsNone)
            error = opened.ConnectTo(remote.WithPort(0).Bytes, remote);
        if (error.IsNone)
            socket = opened;
        else
            opened.Dispose();
        return error;
    }

    /// <summary>
    /// The session id of a received packet and what follows it. The kernel leaves the header on IPv4 packets and removes that of IPv6.
    /// </summary>
    /// <returns>Empty if the packet is too short.</returns>
    public ReadOnlySpan<byte> Contents(ReadOnlySpan<byte> packet) => Contents(packet, IsIPv6);

    /// <summary>The session id of a packet of either family and what follows it.</summary>
    public static ReadOnlySpan<byte> Contents(ReadOnlySpan<byte> packet, bool isIPv6)
    {
        if (isIPv6)
            return packet;
        var header = packet.IsEmpty ? 0 : (packet[0] & 0x0f) * 4;
        return header >= LeastIPv4Header && header <= packet.Length ? packet[header..] : default;
    }

    private static void SetOptions(ref SocketOptions set, bool ipv6, in SocketBinding binding, int buffer)
    {
        var level = ipv6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP;
        set.Bind(binding, ipv6);
        set.Set(level, ipv6 ? LibC.IPV6_RECVPKTINFO : LibC.IP_PKTINFO, 1, "PKTINFO");
        set.Set(level, ipv6 ? LibC.IPV6_RECVERR : LibC.IP_RECVERR, 1, "RECVERR");
        // No DF, as with UDP: data that must be fragmented must still arrive.
        set.Set(level, ipv6 ? LibC.IPV6_MTU_DISCOVER : LibC.IP_MTU_DISCOVER, LibC.IP_PMTUDISC_DONT, "MTU_DISCOVER");
        set.SetBuffer(LibC.SO_RCVBUFFORCE, LibC.SO_RCVBUF, buffer);
        set.SetBuffer(LibC.SO_SNDBUFFORCE, LibC.SO_SNDBUF, buffer);
    }
}
