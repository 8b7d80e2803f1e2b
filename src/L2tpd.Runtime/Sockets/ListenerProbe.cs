using L2tpd.Linux;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// Opens a listener only where its port is free. Listeners share their port with tunnels' sockets (SO_REUSEPORT), and so could with the
/// listener of another l2tpd of the same user, each taking some of the datagrams: so a socket that does not share asks first.
/// </summary>
public static class ListenerProbe
{
    /// <summary>EADDRINUSE: another program, or another l2tpd, has the port.</summary>
    public static LinuxError TryOpen(UdpSocketOptions options, out UdpSocket? socket)
    {
        socket = null;
        if (options.Local.Port != 0)
        {
            var error = UdpSocket.TryOpen(options with { SharePort = false, FwMark = 0 }, out var probe);
            probe?.Dispose();
            if (!error.IsNone)
                return error;
        }

        return UdpSocket.TryOpen(options, out socket);
    }
}
