using L2tpd.Linux.Interop;
using L2tpd.Linux.Sockets;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>The MTU that the kernel knows for the path to an address. Nothing is sent.</summary>
public static class PathMtu
{
    /// <summary>Finds the largest IP packet of the path: the outgoing interface's MTU, or less if the kernel has learned so.</summary>
    /// <param name="remote">The destination. Its port does not matter.</param>
    /// <param name="bindDevice">SO_BINDTODEVICE, or <c>null</c>.</param>
    /// <param name="fwMark">SO_MARK, or 0 for none.</param>
    /// <param name="mtu">Octets, including the IP header.</param>
    /// <param name="bypassesIpsec">
    /// Leave out what IPsec of this machine would add, with CAP_NET_ADMIN. Otherwise it is the packet before ESP wherever a policy of the
    /// kernel happens to cover the question.
    /// </param>
    public static unsafe LinuxError TryGet(in SockAddr remote, string? bindDevice, uint fwMark, out int mtu, bool bypassesIpsec = false)
    {
        mtu = 0;
        var options = SocketOptions.Open(remote.Family, LibC.SOCK_DGRAM, 0, "path MTU", out var socket);
        using (socket)
        {
            options.Bind(new SocketBinding(bindDevice, fwMark), remote.IsIPv6);
            if (bypassesIpsec)
                options.BypassEsp(remote.IsIPv6);
            if (!options.Error.IsNone)
                return options.Error;
            var target = remote.WithPort(9);
            fixed (byte* address = target.Bytes)
            {
                // connect() on a datagram socket looks up the route and sends nothing.
                if (Native.connect(socket, address, target.Length) < 0)
                    return new LinuxError(LibC.errno, "connect", remote.ToString());
            }

            int value;
            socklen_t length = sizeof(int);
            var (level, option) = remote.IsIPv6 ? (LibC.IPPROTO_IPV6, LibC.IPV6_MTU) : (LibC.IPPROTO_IP, LibC.IP_MTU);
            if (Native.getsockopt(socket, level, option, &value, &length) < 0)
                return new LinuxError(LibC.errno, "getsockopt", "IP_MTU");
            mtu = value;
            return LinuxError.None;
        }
    }
}
