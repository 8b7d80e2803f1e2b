using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Ppp;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Probe;

/// <summary>Tunnels and sessions by netlink: errors, deletion, events.</summary>
internal static class KernelChecks
{
    public static void Capabilities()
    {
        var found = KernelCapabilities.Probe();
        foreach (var capability in found.All)
            Console.WriteLine("       " + capability);
        Checks.That(found.All.All(capability => capability.IsAvailable), "something is missing");
    }

    public static void Errors()
    {
        using var pair = new TunnelPair(2, "127.0.0.1");
        var netlink = pair.Netlink;
        var request = new L2tpTunnelRequest { TunnelId = 900, PeerTunnelId = 901, Version = 2, Socket = pair.Left.Descriptor };
        Checks.Fails(Errno.EBUSY, netlink.CreateTunnel(request));
        Checks.Fails(Errno.EEXIST, netlink.CreateTunnel(request with { TunnelId = pair.LeftId }));
        using var unconnected = UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.IPv4(0x7f000001, 0) });
        var overIp = request with { Encapsulation = L2tpEncapsulation.Ip, Socket = unconnected.Descriptor };
        Checks.Fails(Errno.EPROTONOSUPPORT, netlink.CreateTunnel(overIp));
        Checks.Fails(Errno.EINVAL, netlink.CreateTunnel(request with { Socket = null }));
        Checks.Fails(Errno.ENODEV, netlink.DeleteTunnel(999));
        Checks.Fails(Errno.ENODEV, netlink.GetTunnel(999, out _));
        var session = new L2tpSessionRequest { TunnelId = 999, SessionId = 1, PeerSessionId = 2, Pseudowire = L2tpPseudowire.Ppp };
        Checks.Fails(Errno.ENODEV, netlink.CreateSession(session));
        var ethernet = session with { TunnelId = pair.LeftId, Pseudowire = L2tpPseudowire.Ethernet };
        Checks.Fails(Errno.EPROTONOSUPPORT, netlink.CreateSession(ethernet));
        Checks.Fails(Errno.EINVAL, netlink.CreateSession(session with { TunnelId = pair.LeftId, Pseudowire = (L2tpPseudowire)12 }));
        Checks.Ok(netlink.CreateSession(session with { TunnelId = pair.LeftId }));
        Checks.Fails(Errno.EEXIST, netlink.CreateSession(session with { TunnelId = pair.LeftId }));
        Checks.Fails(Errno.ENODEV, netlink.DeleteSession(pair.LeftId, 77));
        Checks.Fails(Errno.ENOENT, PppoxSocket.TryConnect(new PppoxAddress(2, -1, SockAddr.IPv4(0x7f000001, 1701), 999, 1, 2, 2), out _));
    }

    public static void DeletedIds()
    {
        using var pair = new TunnelPair(2, "127.0.0.1");
        for (var i = 0; i < 20; i++)
        {
            SoonOk(() => pair.Netlink.CreateSession(Session(pair.LeftId)));
            Checks.Ok(pair.Netlink.DeleteSession(pair.LeftId, 5));
        }

        for (var i = 0; i < 10; i++)
        {
            var options = new UdpSocketOptions { Local = SockAddr.IPv4(0x7f000001, 0), Remote = pair.Right.LocalAddress };
            using var left = UdpSocket.Open(options);
            var tunnel = new L2tpTunnelRequest { TunnelId = 800, PeerTunnelId = 801, Version = 2, Socket = left.Descriptor };
            SoonOk(() => pair.Netlink.CreateTunnel(tunnel));
            Checks.Ok(pair.Netlink.CreateSession(Session(800)));
            Checks.Ok(pair.Netlink.DeleteTunnel(800));
        }
    }

    private static L2tpSessionRequest Session(uint tunnel) =>
        new() { TunnelId = tunnel, SessionId = 5, PeerSessionId = 6, Pseudowire = L2tpPseudowire.Ppp };

    private static void SoonOk(Func<LinuxError> create)
    {
        var error = LinuxError.None;
        Checks.Eventually(() => (error = create()).Errno != Errno.EEXIST, "what was deleted is removed");
        Checks.Ok(error);
    }

    public static void CloseEndsTunnel()
    {
        using var netlink = new TunnelPair(2, "::1");
        Checks.Ok(netlink.Netlink.GetTunnel(netlink.LeftId, out _));
        netlink.Left.Dispose();
        netlink.Right.Dispose();
        Checks.Eventually(
            () => netlink.Netlink.ListTunnels(out var tunnels).IsNone && tunnels.Count == 0, "tunnels end with their sockets");
        Checks.Ok(netlink.Netlink.ListSessions(out var sessions));
        Checks.Equal(0, sessions.Count, "sessions left");
    }

    public static void Events()
    {
        Checks.Ok(L2tpEvents.TryOpen(out var opened));
        using var events = opened!;
        using var pair = new TunnelPair(2, "127.0.0.1");
        pair.CreateSessions(31, 32);
        Checks.Ok(pair.Netlink.ModifySession(pair.LeftId, 31, new L2tpSessionChange { LnsMode = true }));
        Checks.Ok(pair.Netlink.DeleteSession(pair.LeftId, 31));
        Checks.Ok(pair.Netlink.DeleteTunnel(pair.LeftId));
        var seen = new List<L2tpEvent>();
        Checks.Ok(events.Read(seen));
        var left = seen.Where(found => (found.Tunnel?.TunnelId ?? found.Session!.TunnelId) == pair.LeftId).Select(found => found.Kind);
        Checks.Equal("TunnelCreated SessionCreated SessionModified SessionDeleted TunnelDeleted", string.Join(' ', left), "events");
    }
}
