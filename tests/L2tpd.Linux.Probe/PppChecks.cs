using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Ppp;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Probe;

/// <summary>PPP over L2TP from the tunnel's socket to frames on /dev/ppp.</summary>
internal static class PppChecks
{
    public static void ManagedTunnel(int version, string address)
    {
        using var pair = new TunnelPair(version, address);
        CheckTunnel(pair);
        pair.CreateSessions(11, 12, new L2tpSessionRequest
        {
            TunnelId = 0,
            SessionId = 0,
            PeerSessionId = 0,
            Pseudowire = L2tpPseudowire.Ppp,
            LnsMode = true,
            SendSequence = true,
            ReorderTimeout = TimeSpan.FromMilliseconds(200),
            L2SpecificSublayer = version == 3,
        });
        CheckSession(pair);
        using var left = Connect(pair, pair.LeftId, 11, pair.RightId, 12, pair.Right.LocalAddress);
        using var right = Connect(pair, pair.RightId, 12, pair.LeftId, 11, pair.Left.LocalAddress);
        CheckOptions(left, right);
        var taken = Address(pair, pair.LeftId, 11, pair.RightId, 12, pair.Right.LocalAddress);
        Checks.Fails(Errno.EEXIST, PppoxSocket.TryConnect(taken, out _));
        ExchangeFrames(left, right);
        CheckCounters(pair, left);
        left.Dispose();
        Checks.Eventually(() => pair.Netlink.GetSession(pair.LeftId, 11, out _).Errno == Errno.ENODEV, "session gone with its socket");
        Checks.Ok(pair.Netlink.DeleteSession(pair.RightId, 12));
        Checks.Ok(pair.Netlink.DeleteTunnel(pair.LeftId));
        Checks.Ok(pair.Netlink.DeleteTunnel(pair.RightId));
        Checks.Eventually(() => pair.Netlink.ListTunnels(out var tunnels).IsNone && tunnels.Count == 0, "no tunnel left");
    }

    public static void ConnectMakesSession()
    {
        using var pair = new TunnelPair(2, "127.0.0.1");
        using var socket = Connect(pair, pair.LeftId, 21, pair.RightId, 22, pair.Right.LocalAddress);
        Checks.Ok(pair.Netlink.GetSession(pair.LeftId, 21, out var session));
        Checks.Equal((22u, L2tpPseudowire.Ppp), (session!.PeerSessionId, session.Pseudowire), "session");
    }

    private static void CheckTunnel(TunnelPair pair)
    {
        Checks.Ok(pair.Netlink.GetTunnel(pair.LeftId, out var tunnel));
        Checks.Equal((pair.LeftId, pair.RightId, (byte)pair.Version), (tunnel!.TunnelId, tunnel.PeerTunnelId, tunnel.Version), "tunnel");
        Checks.Equal(pair.Left.LocalAddress.ToIPAddress(), tunnel.LocalAddress, "local address");
        Checks.Equal(pair.Right.LocalAddress.ToIPAddress(), tunnel.PeerAddress, "peer address");
        Checks.Equal((pair.Left.LocalAddress.Port, pair.Right.LocalAddress.Port), (tunnel.LocalPort, tunnel.PeerPort), "ports");
        Checks.Ok(pair.Netlink.ListTunnels(out var tunnels));
        Checks.Equal(2, tunnels.Count, "tunnels listed");
    }

    private static void CheckSession(TunnelPair pair)
    {
        Checks.Ok(pair.Netlink.ListSessions(out var sessions));
        Checks.Equal(2, sessions.Count, "sessions listed");
        Checks.Ok(pair.Netlink.GetSession(pair.LeftId, 11, out var session));
        Checks.Equal(
            (12u, pair.RightId, L2tpPseudowire.Ppp), (session!.PeerSessionId, session.PeerTunnelId, session.Pseudowire), "session");
        Checks.Equal((true, true, false), (session.LnsMode, session.SendSequence, session.ReceiveSequence), "session's sequencing");
        Checks.Equal(TimeSpan.FromMilliseconds(200), session.ReorderTimeout, "reorder timeout");
        var change = new L2tpSessionChange { ReceiveSequence = true, ReorderTimeout = TimeSpan.FromMilliseconds(100) };
        Checks.Ok(pair.Netlink.ModifySession(pair.LeftId, 11, change));
        Checks.Ok(pair.Netlink.GetSession(pair.LeftId, 11, out session));
        Checks.Equal(
            (true, true, 100.0),
            (session!.ReceiveSequence, session.SendSequence, session.ReorderTimeout.TotalMilliseconds),
            "session after modify");
    }

    private static void CheckOptions(PppoxSocket left, PppoxSocket right)
    {
        foreach (var socket in new[] { left, right })
        {
            Checks.Ok(socket.SetLnsMode(true));
            Checks.Ok(socket.SetSendSequence(true));
            Checks.Ok(socket.SetReceiveSequence(true));
            Checks.Ok(socket.SetReorderTimeout(TimeSpan.FromMilliseconds(100)));
        }
    }

    /// <summary>An LCP-like frame in each direction through the channels; one end is connected to a unit.</summary>
    private static void ExchangeFrames(PppoxSocket left, PppoxSocket right)
    {
        Checks.Ok(left.GetChannel(out var leftChannel));
        Checks.Ok(right.GetChannel(out var rightChannel));
        Checks.Ok(PppDevice.TryOpenChannel(leftChannel, out var leftDevice));
        Checks.Ok(PppDevice.TryOpenChannel(rightChannel, out var rightDevice));
        using (leftDevice)
        using (rightDevice)
        {
            Send(leftDevice!, rightDevice!, [0xc0, 0x21, 1, 1, 0, 4, 0, 0, 0, 0]);
            Send(rightDevice!, leftDevice!, [0xc0, 0x21, 2, 1, 0, 4, 9, 9, 9, 9]);
            Checks.Ok(PppDevice.TryOpenUnit(-1, out var unit));
            using (unit)
            {
                Checks.Ok(leftDevice!.ConnectUnit(unit!.Unit));
                Checks.Ok(unit.SetMru(1400));
                Checks.Ok(unit.GetFlags(out var flags));
                Checks.Ok(unit.SetFlags(flags | 0x100));
                Checks.Ok(unit.SetNetworkMode(0x21, 0));
                Checks.Ok(unit.GetIdle(out var transmit, out var receive));
                Checks.That(transmit >= TimeSpan.Zero && receive >= TimeSpan.Zero, "idle times");
                Send(rightDevice!, unit, [0x80, 0x21, 1, 1, 0, 4, 0, 0, 0, 0]);
                CheckLink(unit.Unit);
                Checks.Ok(leftDevice.DisconnectUnit());
            }
        }
    }

    private static void CheckLink(int unit)
    {
        Checks.Ok(RtNetlink.TryOpen(out var opened));
        using var netlink = opened!;
        Checks.Ok(netlink.SetLink($"ppp{unit}", up: true, mtu: 1400));
        Checks.Ok(netlink.GetLink($"ppp{unit}", out var link));
        Checks.Equal((true, 1400u), (link!.IsUp, link.Mtu), "link of the unit");
    }

    private static void Send(PppDevice from, PppDevice to, byte[] frame)
    {
        Checks.Equal(0, from.Write(frame), "write of a frame");
        var buffer = new byte[1504];
        var count = 0;
        using var loop = new EventLoop();
        using var registration = loop.Register(to.Descriptor, Readiness.Readable, new Reader(() => count = to.Read(buffer)));
        loop.RunOnce(MonotonicClock.NowMilliseconds + 5000);
        Checks.Equal(Convert.ToHexString(frame), Convert.ToHexString(buffer.AsSpan(0, Math.Max(0, count))), "frame that came");
    }

    private sealed class Reader(Action read) : IReadinessHandler
    {
        public void OnReady(Readiness readiness) => read();
    }

    private static void CheckCounters(TunnelPair pair, PppoxSocket left)
    {
        Checks.Ok(left.GetStatistics(out var socket));
        // One packet of ours, and the packets that IPv6 sent when the unit came up.
        Checks.That(socket.TransmitPackets >= 1, "packet counted that was sent");
        Checks.Equal((2UL, 0UL), (socket.ReceivePackets, socket.ReceiveErrors), "counters of the socket");
        Checks.That(socket.TransmitBytes > 0 && socket.ReceiveBytes > 0, "bytes counted");
        Checks.Ok(pair.Netlink.GetSession(pair.LeftId, 11, out var session));
        Checks.Equal(
            (socket.TransmitPackets, socket.TransmitBytes, socket.ReceivePackets, socket.ReceiveBytes),
            (session!.Statistics.TransmitPackets, session.Statistics.TransmitBytes,
                session.Statistics.ReceivePackets, session.Statistics.ReceiveBytes),
            "netlink's counters and the socket's");
        if (pair.Version == 2)
            Checks.Equal(((ushort)pair.LeftId, (ushort)11), (socket.TunnelId, socket.SessionId), "ids in the statistics");
    }

    private static PppoxAddress Address(TunnelPair pair, uint tunnel, uint session, uint peerTunnel, uint peerSession, SockAddr peer) =>
        new(pair.Version, -1, peer, tunnel, session, peerTunnel, peerSession);

    private static PppoxSocket Connect(TunnelPair pair, uint tunnel, uint session, uint peerTunnel, uint peerSession, SockAddr peer)
    {
        Checks.Ok(PppoxSocket.TryConnect(Address(pair, tunnel, session, peerTunnel, peerSession, peer), out var socket));
        return socket!;
    }
}
