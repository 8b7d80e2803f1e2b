using System.Net.Sockets;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>Converts between attributes of the family "l2tp" (kernel.md section 1) and records.</summary>
internal static class L2tpMessages
{
    public static void Write(NetlinkWriter to, L2tpTunnelRequest request)
    {
        to.Put(Native.L2TP_ATTR_CONN_ID, request.TunnelId);
        to.Put(Native.L2TP_ATTR_PEER_CONN_ID, request.PeerTunnelId);
        to.Put(Native.L2TP_ATTR_PROTO_VERSION, request.Version);
        to.Put(Native.L2TP_ATTR_ENCAP_TYPE, (ushort)request.Encapsulation);
        if (request.Socket is { } socket)
            to.Put(Native.L2TP_ATTR_FD, (uint)socket.Number);
        else
            WriteAddresses(to, request);
    }

    public static void Write(NetlinkWriter to, L2tpSessionRequest request)
    {
        to.Put(Native.L2TP_ATTR_CONN_ID, request.TunnelId);
        to.Put(Native.L2TP_ATTR_SESSION_ID, request.SessionId);
        to.Put(Native.L2TP_ATTR_PEER_SESSION_ID, request.PeerSessionId);
        to.Put(Native.L2TP_ATTR_PW_TYPE, (ushort)request.Pseudowire);
        to.Put(Native.L2TP_ATTR_L2SPEC_TYPE, request.L2SpecificSublayer);
        if (!request.Cookie.IsEmpty)
            to.Put(Native.L2TP_ATTR_COOKIE, request.Cookie.Span);
        if (!request.PeerCookie.IsEmpty)
            to.Put(Native.L2TP_ATTR_PEER_COOKIE, request.PeerCookie.Span);
        to.Put(Native.L2TP_ATTR_RECV_SEQ, request.ReceiveSequence);
        to.Put(Native.L2TP_ATTR_SEND_SEQ, request.SendSequence);
        to.Put(Native.L2TP_ATTR_LNS_MODE, request.LnsMode);
        if (request.ReorderTimeout > TimeSpan.Zero)
            to.Put(Native.L2TP_ATTR_RECV_TIMEOUT, (ulong)request.ReorderTimeout.TotalMilliseconds);
        if (request.InterfaceName is { Length: > 0 } name)
            to.Put(Native.L2TP_ATTR_IFNAME, name);
    }

    public static void Write(NetlinkWriter to, L2tpSessionChange change)
    {
        if (change.ReceiveSequence is { } receive)
            to.Put(Native.L2TP_ATTR_RECV_SEQ, receive);
        if (change.SendSequence is { } send)
            to.Put(Native.L2TP_ATTR_SEND_SEQ, send);
        if (change.LnsMode is { } lns)
            to.Put(Native.L2TP_ATTR_LNS_MODE, lns);
        if (change.ReorderTimeout is { } timeout)
            to.Put(Native.L2TP_ATTR_RECV_TIMEOUT, (ulong)timeout.TotalMilliseconds);
    }

    public static L2tpTunnelInfo ReadTunnel(NetlinkAttributes attributes)
    {
        var info = new L2tpTunnelInfo();
        foreach (var attribute in attributes)
        {
            info = attribute.Type switch
            {
                Native.L2TP_ATTR_CONN_ID => info with { TunnelId = attribute.UInt32 },
                Native.L2TP_ATTR_PEER_CONN_ID => info with { PeerTunnelId = attribute.UInt32 },
                Native.L2TP_ATTR_PROTO_VERSION => info with { Version = attribute.Byte },
                Native.L2TP_ATTR_ENCAP_TYPE => info with { Encapsulation = (L2tpEncapsulation)attribute.UInt16 },
                Native.L2TP_ATTR_IP_SADDR or Native.L2TP_ATTR_IP6_SADDR => info with { LocalAddress = attribute.Address },
                Native.L2TP_ATTR_IP_DADDR or Native.L2TP_ATTR_IP6_DADDR => info with { PeerAddress = attribute.Address },
                Native.L2TP_ATTR_UDP_SPORT => info with { LocalPort = attribute.UInt16 },
                Native.L2TP_ATTR_UDP_DPORT => info with { PeerPort = attribute.UInt16 },
                Native.L2TP_ATTR_UDP_CSUM => info with { UdpChecksum = attribute.Byte != 0 },
                Native.L2TP_ATTR_UDP_ZERO_CSUM6_TX => info with { ZeroChecksum6Transmit = true },
                Native.L2TP_ATTR_UDP_ZERO_CSUM6_RX => info with { ZeroChecksum6Receive = true },
                Native.L2TP_ATTR_STATS => info with { Statistics = ReadStatistics(attribute.Nested) },
                _ => info,
            };
        }

        return info;
    }

    public static L2tpSessionInfo ReadSession(NetlinkAttributes attributes)
    {
        var info = new L2tpSessionInfo();
        foreach (var attribute in attributes)
        {
            info = attribute.Type switch
            {
                Native.L2TP_ATTR_CONN_ID => info with { TunnelId = attribute.UInt32 },
                Native.L2TP_ATTR_PEER_CONN_ID => info with { PeerTunnelId = attribute.UInt32 },
                Native.L2TP_ATTR_SESSION_ID => info with { SessionId = attribute.UInt32 },
                Native.L2TP_ATTR_PEER_SESSION_ID => info with { PeerSessionId = attribute.UInt32 },
                Native.L2TP_ATTR_PW_TYPE => info with { Pseudowire = (L2tpPseudowire)attribute.UInt16 },
                Native.L2TP_ATTR_IFNAME => info with { InterfaceName = attribute.Text },
                Native.L2TP_ATTR_COOKIE => info with { Cookie = attribute.Payload.ToArray() },
                Native.L2TP_ATTR_PEER_COOKIE => info with { PeerCookie = attribute.Payload.ToArray() },
                Native.L2TP_ATTR_RECV_SEQ => info with { ReceiveSequence = attribute.Byte != 0 },
                Native.L2TP_ATTR_SEND_SEQ => info with { SendSequence = attribute.Byte != 0 },
                Native.L2TP_ATTR_LNS_MODE => info with { LnsMode = attribute.Byte != 0 },
                Native.L2TP_ATTR_USING_IPSEC => info with { UsingIpsec = attribute.Byte != 0 },
                Native.L2TP_ATTR_RECV_TIMEOUT => info with { ReorderTimeout = Milliseconds(attribute.UInt64) },
                Native.L2TP_ATTR_STATS => info with { Statistics = ReadStatistics(attribute.Nested) },
                _ => info,
            };
        }

        return info;
    }

    private static TimeSpan Milliseconds(ulong value) => TimeSpan.FromMilliseconds((long)Math.Min(value, int.MaxValue));

    private static L2tpStatistics ReadStatistics(NetlinkAttributes attributes)
    {
        var statistics = default(L2tpStatistics);
        foreach (var attribute in attributes)
        {
            statistics = attribute.Type switch
            {
                Native.L2TP_ATTR_TX_PACKETS => statistics with { TransmitPackets = attribute.UInt64 },
                Native.L2TP_ATTR_TX_BYTES => statistics with { TransmitBytes = attribute.UInt64 },
                Native.L2TP_ATTR_TX_ERRORS => statistics with { TransmitErrors = attribute.UInt64 },
                Native.L2TP_ATTR_RX_PACKETS => statistics with { ReceivePackets = attribute.UInt64 },
                Native.L2TP_ATTR_RX_BYTES => statistics with { ReceiveBytes = attribute.UInt64 },
                Native.L2TP_ATTR_RX_SEQ_DISCARDS => statistics with { ReceiveSequenceDiscards = attribute.UInt64 },
                Native.L2TP_ATTR_RX_OOS_PACKETS => statistics with { ReceiveOutOfOrder = attribute.UInt64 },
                Native.L2TP_ATTR_RX_ERRORS => statistics with { ReceiveErrors = attribute.UInt64 },
                Native.L2TP_ATTR_RX_COOKIE_DISCARDS => statistics with { ReceiveCookieDiscards = attribute.UInt64 },
                Native.L2TP_ATTR_RX_INVALID => statistics with { ReceiveInvalid = attribute.UInt64 },
                _ => statistics,
            };
        }

        return statistics;
    }

    private static void WriteAddresses(NetlinkWriter to, L2tpTunnelRequest request)
    {
        if (request.LocalAddress is not { } local || request.PeerAddress is not { } peer)
            return;
        var ipv6 = local.AddressFamily == AddressFamily.InterNetworkV6;
        to.Put(ipv6 ? Native.L2TP_ATTR_IP6_SADDR : Native.L2TP_ATTR_IP_SADDR, local.GetAddressBytes());
        to.Put(ipv6 ? Native.L2TP_ATTR_IP6_DADDR : Native.L2TP_ATTR_IP_DADDR, peer.GetAddressBytes());
        if (request.Encapsulation != L2tpEncapsulation.Udp)
            return;
        to.Put(Native.L2TP_ATTR_UDP_SPORT, request.LocalPort);
        to.Put(Native.L2TP_ATTR_UDP_DPORT, request.PeerPort);
        // The kernel reads the presence of these, not their value.
        if (request.UdpChecksum)
            to.Put(Native.L2TP_ATTR_UDP_CSUM, (byte)1);
        if (request.ZeroChecksum6Transmit)
            to.PutFlag(Native.L2TP_ATTR_UDP_ZERO_CSUM6_TX);
        if (request.ZeroChecksum6Receive)
            to.PutFlag(Native.L2TP_ATTR_UDP_ZERO_CSUM6_RX);
    }
}
