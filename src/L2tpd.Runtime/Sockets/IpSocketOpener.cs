using L2tpd.Linux;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>By which sockets L2TP travels over IP protocol 115.</summary>
public enum IpSockets
{
    /// <summary>The kernel's L2TP/IP sockets where it has them, else raw ones.</summary>
    Either,

    /// <summary>The kernel's, whose data path takes them over.</summary>
    Kernel,

    /// <summary>Raw sockets: they alone bring data messages to this process.</summary>
    Raw,
}

/// <summary>
/// Opens sockets of IP protocol 115. The kernel's own deliver control messages by connection id: one bound to id 0 hears SCCRQs, each
/// tunnel has one bound to its id. A raw socket hears everything.
/// </summary>
public sealed class IpSocketOpener
{
    private const int RawBuffer = 4 << 20;

    /// <summary>Which kind.</summary>
    public IpSockets Kind { get; set; }

    /// <summary>Opens one.</summary>
    /// <param name="local">Address to bind, or the wildcard.</param>
    /// <param name="localId">Our control connection id; 0 for SCCRQs.</param>
    /// <param name="remote">Peer to connect to, or none.</param>
    /// <param name="remoteId">Its id, 0 when not known.</param>
    /// <param name="bindDevice">SO_BINDTODEVICE, or null.</param>
    /// <param name="fwMark">SO_MARK, or 0.</param>
    /// <param name="socket">The socket.</param>
    /// <returns>
    /// EPROTONOSUPPORT: no module l2tp_ip or l2tp_ip6; EADDRINUSE: another program has that address and id; EPERM: raw, and no CAP_NET_RAW.
    /// </returns>
    public LinuxError TryOpen(
        in SockAddr local, uint localId, in SockAddr remote, uint remoteId, string? bindDevice, uint fwMark, out DatagramSocket? socket)
    {
        socket = null;
        if (Kind != IpSockets.Raw)
        {
            var error = L2tpIpSocket.TryOpen(local, localId, remote, remoteId, bindDevice, fwMark, out var own);
            socket = own;
            if (error.Errno != Errno.EPROTONOSUPPORT || Kind == IpSockets.Kernel)
                return error;
        }

        var rawError = RawL2tpSocket.TryOpen(local, remote, bindDevice, fwMark, RawBuffer, out var raw);
        socket = raw;
        return rawError;
    }
}
