using System.Net;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Probe;

/// <summary>Two managed UDP tunnels that are each other's peers over loopback, in one namespace.</summary>
internal sealed class TunnelPair : IDisposable
{
    private static uint next = 100;

    public TunnelPair(int version, string address)
    {
        Checks.Ok(L2tpNetlink.TryOpen(out var netlink));
        Netlink = netlink!;
        Version = version;
        (LeftId, RightId) = (next, next + 1);
        next += 2;
        var ip = IPAddress.Parse(address);
        Left = UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.From(ip, 0) });
        Right = UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.From(ip, 0), Remote = Left.LocalAddress });
        Checks.Ok(Left.Connect(Right.LocalAddress));
        Create(LeftId, RightId, Left);
        Create(RightId, LeftId, Right);
    }

    public L2tpNetlink Netlink { get; }

    public int Version { get; }

    public UdpSocket Left { get; }

    public UdpSocket Right { get; }

    public uint LeftId { get; }

    public uint RightId { get; }

    public void CreateSessions(uint left, uint right, L2tpSessionRequest? model = null)
    {
        model ??= new L2tpSessionRequest { TunnelId = 0, SessionId = 0, PeerSessionId = 0, Pseudowire = L2tpPseudowire.Ppp };
        Checks.Ok(Netlink.CreateSession(model with { TunnelId = LeftId, SessionId = left, PeerSessionId = right }));
        Checks.Ok(Netlink.CreateSession(model with { TunnelId = RightId, SessionId = right, PeerSessionId = left }));
    }

    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
        Netlink.Dispose();
    }

    private void Create(uint id, uint peer, UdpSocket socket) =>
        Checks.Ok(Netlink.CreateTunnel(
            new L2tpTunnelRequest { TunnelId = id, PeerTunnelId = peer, Version = (byte)Version, Socket = socket.Descriptor }));
}
