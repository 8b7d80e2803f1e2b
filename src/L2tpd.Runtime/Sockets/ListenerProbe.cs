using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// Opens a listener only if its port is free. Listeners share their port with tunnels' sockets (SO_REUSEPORT). They could also share it
/// with the listener of another l2tpd of the same user, and each would receive part of the datagrams. A socket that does not share is
/// therefore bound first.
/// </summary>
public static class ListenerProbe
{
    /// <summary>Whether an interface of this machine has the address of a listener. Opens and closes a socket.</summary>
    public static bool HasAddress(Listener listener)
    {
        var error = UdpSocket.TryOpen(
            new UdpSocketOptions { Local = SockAddr.From(listener.Address, 0), BindDevice = listener.BindDevice }, out var probe);
        probe?.Dispose();
        return error.Errno != Errno.EADDRNOTAVAIL;
    }

    /// <summary>Returns EADDRINUSE if another program, or another l2tpd, has the port.</summary>
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
