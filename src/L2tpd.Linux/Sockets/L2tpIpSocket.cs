using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// An L2TP/IP control socket (protocol 115; kernel.md section 4). Payloads do not contain the four zero octets of a control message: the
/// kernel adds and removes them. Ports of addresses are 0. Over IPv4 the kernel takes no pktinfo when sending: datagrams leave from the
/// bound address, so bind one.
/// </summary>
public sealed class L2tpIpSocket : DatagramSocket
{
    private L2tpIpSocket(FileDescriptor descriptor) : base(descriptor) { }

    /// <summary>Opens a socket, binds it to the local address and control connection id, and connects it if a remote is given.</summary>
    /// <param name="local">Local address, which L2TP/IP requires. Its family is the family of the socket.</param>
    /// <param name="localConnectionId">Our control connection id; 0 to receive SCCRQ.</param>
    /// <param name="remote">The peer, or none.</param>
    /// <param name="remoteConnectionId">The peer's control connection id.</param>
    /// <param name="binding">Device, mark and policy.</param>
    /// <param name="socket">The socket.</param>
    /// <returns>EPROTONOSUPPORT: module l2tp_ip / l2tp_ip6 missing; EADDRINUSE: address and id taken; EADDRNOTAVAIL.</returns>
    public static LinuxError TryOpen(
        in SockAddr local, uint localConnectionId, in SockAddr remote, uint remoteConnectionId,
        in SocketBinding binding, out L2tpIpSocket? socket)
    {
        socket = null;
        if (local.IsNone)
            return new LinuxError(Errno.EAFNOSUPPORT, "socket", "L2TP/IP without a local address");
        var what = local.IsIPv6 ? "L2TP/IPv6" : "L2TP/IP";
        var set = SocketOptions.Open(local.Family, LibC.SOCK_DGRAM, Native.IPPROTO_L2TP, what, out var descriptor);
        SetOptions(ref set, local.IsIPv6, binding);
        if (!set.Error.IsNone)
        {
            descriptor.Dispose();
            return set.Error;
        }

        var opened = new L2tpIpSocket(descriptor);
        Span<byte> name = stackalloc byte[L2tpIpAddress.SizeIPv6];
        var error = opened.BindTo(name[..L2tpIpAddress.Write(name, local, localConnectionId)], local);
        if (error.IsNone && !remote.IsNone)
            error = opened.Connect(remote, remoteConnectionId);
        if (error.IsNone)
            socket = opened;
        else
            opened.Dispose();
        return error;
    }

    /// <summary>Connects to a peer and its control connection id.</summary>
    public LinuxError Connect(in SockAddr remote, uint remoteConnectionId)
    {
        Span<byte> name = stackalloc byte[L2tpIpAddress.SizeIPv6];
        return ConnectTo(name[..L2tpIpAddress.Write(name, remote, remoteConnectionId)], remote);
    }

    private static void SetOptions(ref SocketOptions set, bool ipv6, in SocketBinding binding)
    {
        var level = ipv6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP;
        // No IPV6_V6ONLY: EINVAL on these sockets, which know IPv6 only.
        set.Bind(binding, ipv6);
        set.Set(level, ipv6 ? LibC.IPV6_RECVPKTINFO : LibC.IP_PKTINFO, 1, "PKTINFO");
        set.Set(level, ipv6 ? LibC.IPV6_RECVERR : LibC.IP_RECVERR, 1, "RECVERR");
    }
}

/// <summary>sockaddr_l2tpip (16 octets) and sockaddr_l2tpip6 (32 octets) of linux/l2tp.h.</summary>
internal static class L2tpIpAddress
{
    public const int SizeIPv4 = 16;
    public const int SizeIPv6 = 32;

    /// <summary>Writes the form of the address's family.</summary>
    /// <returns>Octets written.</returns>
    public static int Write(Span<byte> name, in SockAddr address, uint connectionId)
    {
        var size = address.IsIPv6 ? SizeIPv6 : SizeIPv4;
        name[..size].Clear();
        // Same layout as sockaddr_in and sockaddr_in6, without a port. The connection id follows in host order.
        address.WithPort(0).Bytes.CopyTo(name);
        MemoryMarshal.Write(name[(address.IsIPv6 ? 28 : 8)..], connectionId);
        return size;
    }
}
