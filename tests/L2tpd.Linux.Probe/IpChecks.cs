using System.Net;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Probe;

/// <summary>Control messages over protocol 115.</summary>
internal static class IpChecks
{
    public static void ControlSockets()
    {
        foreach (var address in new[] { "127.0.0.1", "::1" })
        {
            var ip = SockAddr.From(IPAddress.Parse(address), 0);
            Checks.Ok(L2tpIpSocket.TryOpen(ip, 0, SockAddr.None, 0, default, out var opened));
            using var listener = opened!;
            Checks.Fails(Errno.EADDRINUSE, L2tpIpSocket.TryOpen(ip, 0, SockAddr.None, 0, default, out _));
            Checks.Ok(L2tpIpSocket.TryOpen(ip, 77, ip, 88, default, out opened));
            using var tunnel = opened!;
            Checks.Ok(L2tpIpSocket.TryOpen(ip, 88, ip, 77, default, out opened));
            using var peer = opened!;
            Exchange(listener, peer, ip, SockAddr.None, ip, ccid: 0);
            Exchange(peer, tunnel, SockAddr.None, SockAddr.None, ip, ccid: 77);
            Checks.Ok(L2tpNetlink.TryOpen(out var netlink));
            using (netlink)
            {
                Checks.Ok(netlink!.CreateTunnel(new L2tpTunnelRequest
                {
                    TunnelId = 77,
                    PeerTunnelId = 88,
                    Version = 3,
                    Encapsulation = L2tpEncapsulation.Ip,
                    Socket = tunnel.Descriptor,
                }));
            }

            Exchange(peer, tunnel, SockAddr.None, SockAddr.None, ip, ccid: 77);
        }
    }

    /// <summary>
    /// A datagram to a control connection id reaches the socket of that id. A datagram to id 0, from the peer's connected socket, reaches
    /// the listener.
    /// </summary>
    private static void Exchange(L2tpIpSocket from, L2tpIpSocket to, SockAddr destination, SockAddr source, SockAddr address, uint ccid)
    {
        if (ccid == 0)
            (from, to) = (to, from);
        byte[] message = [0xc8, 0x03, 0, 12, (byte)(ccid >> 24), (byte)(ccid >> 16), (byte)(ccid >> 8), (byte)ccid, 0, 0, 0, 0];
        using var sending = new SendBatch(1);
        using var receiving = new ReceiveBatch(4);
        Checks.That(sending.TryAdd(destination, source, 0, message), "queued");
        Checks.That(from.Send(sending), "sent");
        Checks.Equal(0, sending.ErrorOf(0), "errno of the send");
        var count = 0;
        Checks.Eventually(() => (count = to.Receive(receiving)) != 0, "datagram received");
        Checks.Equal(1, count, "datagrams");
        Checks.Equal(Convert.ToHexString(message), Convert.ToHexString(receiving.Payload(0)), "payload");
        Checks.Equal(address.ToIPAddress(), receiving.Source(0).ToIPAddress(), "source");
        Checks.Equal(address, receiving.Destination(0), "destination");
    }
}
