namespace L2tpd.Linux.Sockets;

/// <summary>
/// An L2TP/IP control socket (protocol 115; kernel.md section 4). Payloads are without the four zero octets: the kernel adds and strips them.
/// Ports of addresses are 0.
/// </summary>
public sealed class L2tpIpSocket : DatagramSocket
{
    private L2tpIpSocket(FileDescriptor descriptor) : base(descriptor) => throw new NotImplementedException();

    /// <summary>Makes a socket, binds it to the local address and control connection id, connects it if a remote is given.</summary>
    /// <param name="local">Local address (bind is mandatory); its family is the socket's.</param>
    /// <param name="localConnectionId">Our control connection id; 0 to receive SCCRQ.</param>
    /// <param name="remote">The peer, or none.</param>
    /// <param name="remoteConnectionId">The peer's control connection id.</param>
    /// <param name="bindDevice">SO_BINDTODEVICE, or null.</param>
    /// <param name="fwMark">SO_MARK, 0: none.</param>
    /// <param name="socket">The socket.</param>
    /// <returns>EPROTONOSUPPORT: module l2tp_ip / l2tp_ip6 missing; EADDRINUSE: address and id taken; EADDRNOTAVAIL.</returns>
    public static LinuxError TryOpen(
        in SockAddr local, uint localConnectionId, in SockAddr remote, uint remoteConnectionId, string? bindDevice, uint fwMark, out L2tpIpSocket? socket) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public override SockAddr LocalAddress => throw new NotImplementedException();

    /// <summary>Connects to a peer and its control connection id.</summary>
    public LinuxError Connect(in SockAddr remote, uint remoteConnectionId) => throw new NotImplementedException();
}
