using System.Net;
using L2tpd.Linux.Netlink;

namespace L2tpd.Linux.Probe;

/// <summary>Static L2TPv3 Ethernet: tunnels whose socket the kernel opens.</summary>
internal static class EthernetChecks
{
    public static void StaticPseudowires()
    {
        Checks.Ok(L2tpNetlink.TryOpen(out var opened));
        using var netlink = opened!;
        uint id = 3000;
        foreach (var address in new[] { "127.0.0.1", "::1" })
        {
            foreach (var encapsulation in new[] { L2tpEncapsulation.Udp, L2tpEncapsulation.Ip })
            {
                Create(netlink, id, address, encapsulation);
                id += 10;
            }
        }

        Checks.Ok(netlink.ListTunnels(out var tunnels));
        Checks.Equal(4, tunnels.Count, "static tunnels");
        foreach (var tunnel in tunnels)
            Checks.Ok(netlink.DeleteTunnel(tunnel.TunnelId));
        Checks.Eventually(() => netlink.ListTunnels(out var left).IsNone && left.Count == 0, "no static tunnel left");
    }

    private static void Create(L2tpNetlink netlink, uint id, string address, L2tpEncapsulation encapsulation)
    {
        var ip = IPAddress.Parse(address);
        var isIPv6 = ip.GetAddressBytes().Length == 16;
        Checks.Ok(netlink.CreateTunnel(new L2tpTunnelRequest
        {
            TunnelId = id,
            PeerTunnelId = id + 1,
            Version = 3,
            Encapsulation = encapsulation,
            LocalAddress = ip,
            PeerAddress = ip,
            LocalPort = (ushort)(id + 2),
            PeerPort = (ushort)(id + 3),
            UdpChecksum = !isIPv6,
            ZeroChecksum6Transmit = isIPv6,
            ZeroChecksum6Receive = isIPv6,
        }));
        Checks.Ok(netlink.GetTunnel(id, out var tunnel));
        Checks.Equal((encapsulation, ip, ip), (tunnel!.Encapsulation, tunnel.LocalAddress, tunnel.PeerAddress), "static tunnel");
        if (encapsulation == L2tpEncapsulation.Udp)
        {
            Checks.Equal(((ushort)(id + 2), (ushort)(id + 3)), (tunnel.LocalPort, tunnel.PeerPort), "ports");
            Checks.Equal(!isIPv6, tunnel.UdpChecksum, "UDP checksum");
            Checks.Equal(isIPv6, tunnel.ZeroChecksum6Transmit && tunnel.ZeroChecksum6Receive, "zero checksums over IPv6");
        }

        Checks.Ok(netlink.CreateSession(new L2tpSessionRequest
        {
            TunnelId = id,
            SessionId = id + 5,
            PeerSessionId = id + 6,
            Pseudowire = L2tpPseudowire.Ethernet,
            InterfaceName = $"eth-{id}",
            Cookie = new byte[] { 1, 2, 3, 4 },
            PeerCookie = new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 },
            L2SpecificSublayer = true,
        }));
        Checks.Ok(netlink.GetSession(id, id + 5, out var session));
        var cookies = (Convert.ToHexString(session!.Cookie), Convert.ToHexString(session.PeerCookie));
        Checks.Equal(($"eth-{id}", ("01020304", "0102030405060708")), (session.InterfaceName, cookies), "session");
        Checks.Ok(RtNetlink.TryOpen(out var route));
        using (route)
            Checks.Ok(route!.SetLink($"eth-{id}", up: true, mtu: 1400));
    }
}
