using L2tpd.Linux.Interop;
using L2tpd.Linux.Sockets;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>What the kernel knows of the way to an address, without sending anything.</summary>
public static class PathMtu
{
    /// <summary>Largest IP packet the way takes: the outgoing device's MTU, or less where the kernel has learned so.</summary>
    /// <param name="remote">Where to; its port does not matter.</param>
    /// <param name="bindDevice">SO_BINDTODEVICE, or null.</param>
    /// <param name="fwMark">SO_MARK, or 0.</param>
    /// <param name="mtu">Octets, IP header included.</param>
    public static unsafe LinuxError TryGet(in SockAddr remote, string? bindDevice, uint fwMark, out int mtu)
    {
        mtu = 0;
        var options = SocketOptions.Open(remote.Family, LibC.SOCK_DGRAM, 0, "path MTU", out var socket);
        using (socket)
        {
            options.SetRouting(bindDevice, fwMark);
            if (!options.Error.IsNone)
                return options.Error;
            var target = remote.WithPort(9);
            fixed (byte* address = target.Bytes)
            {
                // Connecting a datagram socket looks the route up and sends nothing.
                if (Native.connect(socket, address, target.Length) < 0)
                    return new LinuxError(LibC.errno, "connect", remote.ToString());
            }

            int value;
            socklen_t length = sizeof(int);
            if (Native.getsockopt(socket, remote.IsIPv6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP, remote.IsIPv6 ? LibC.IPV6_MTU : LibC.IP_MTU, &value, &length) < 0)
                return new LinuxError(LibC.errno, "getsockopt", "IP_MTU");
            mtu = value;
            return LinuxError.None;
        }
    }
}
