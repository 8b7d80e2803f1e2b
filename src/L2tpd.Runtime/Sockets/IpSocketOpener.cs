using L2tpd.Linux;
using L2tpd.Linux.Sockets;
using L2tpd.Protocol;

namespace L2tpd.Runtime.Sockets;

/// <summary>The kind of socket that carries L2TP over IP protocol 115.</summary>
public enum IpSockets
{
    /// <summary>L2TP/IP sockets of the kernel if it has them, otherwise raw sockets.</summary>
    Either,

    /// <summary>L2TP/IP sockets of the kernel, which its data path takes over.</summary>
    Kernel,

    /// <summary>Raw sockets: only these deliver data messages to this process.</summary>
    Raw,
}

/// <summary>
/// Opens sockets of IP protocol 115. The kernel's L2TP/IP sockets receive control messages by connection id: a socket bound to id 0
/// receives SCCRQs, and each tunnel has one bound to its id. A raw socket receives everything.
/// </summary>
public sealed class IpSocketOpener
{
    private const int RawBuffer = 4 << 20;

    /// <summary>The kind of socket to open.</summary>
    public IpSockets Kind { get; set; }

    /// <summary>Opens a socket.</summary>
    /// <param name="local">Address to bind, or the wildcard.</param>
    /// <param name="localId">Our control connection id; 0 for SCCRQs.</param>
    /// <param name="remote">Peer to connect to, or none.</param>
    /// <param name="remoteId">The peer's id, 0 if not known.</param>
    /// <param name="binding">Device, mark and policy.</param>
    /// <param name="socket">The socket.</param>
    /// <returns>EPROTONOSUPPORT if the module l2tp_ip or l2tp_ip6 is missing; EADDRINUSE if another program has the address and id; EPERM
    /// for a raw socket without CAP_NET_RAW.</returns>
    public LinuxError TryOpen(
        in SockAddr local, TunnelId localId, in SockAddr remote, TunnelId remoteId, in SocketBinding binding,
        out DatagramSocket? socket)
    {
        socket = null;
        if (Kind != IpSockets.Raw)
        {
            var error = L2tpIpSocket.TryOpen(local, localId.Value, remote, remoteId.Value, binding, out var own);
            socket = own;
            if (error.Errno != Errno.EPROTONOSUPPORT || Kind == IpSockets.Kernel)
                return error;
        }

        var rawError = RawL2tpSocket.TryOpen(local, remote, binding, RawBuffer, out var raw);
        socket = raw;
        return rawError;
    }
}
