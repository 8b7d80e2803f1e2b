namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    public const string L2TP_GENL_NAME = "l2tp";
    public const byte L2TP_GENL_VERSION = 1;
    public const string L2TP_GENL_MCGROUP = "l2tp";

    public const byte L2TP_CMD_TUNNEL_CREATE = 1;
    public const byte L2TP_CMD_TUNNEL_DELETE = 2;
    public const byte L2TP_CMD_TUNNEL_MODIFY = 3;
    public const byte L2TP_CMD_TUNNEL_GET = 4;
    public const byte L2TP_CMD_SESSION_CREATE = 5;
    public const byte L2TP_CMD_SESSION_DELETE = 6;
    public const byte L2TP_CMD_SESSION_MODIFY = 7;
    public const byte L2TP_CMD_SESSION_GET = 8;

    public const ushort L2TP_ATTR_PW_TYPE = 1;
    public const ushort L2TP_ATTR_ENCAP_TYPE = 2;
    public const ushort L2TP_ATTR_L2SPEC_TYPE = 5;
    public const ushort L2TP_ATTR_PROTO_VERSION = 7;
    public const ushort L2TP_ATTR_IFNAME = 8;
    public const ushort L2TP_ATTR_CONN_ID = 9;
    public const ushort L2TP_ATTR_PEER_CONN_ID = 10;
    public const ushort L2TP_ATTR_SESSION_ID = 11;
    public const ushort L2TP_ATTR_PEER_SESSION_ID = 12;
    public const ushort L2TP_ATTR_UDP_CSUM = 13;
    public const ushort L2TP_ATTR_COOKIE = 15;
    public const ushort L2TP_ATTR_PEER_COOKIE = 16;
    public const ushort L2TP_ATTR_RECV_SEQ = 18;
    public const ushort L2TP_ATTR_SEND_SEQ = 19;
    public const ushort L2TP_ATTR_LNS_MODE = 20;
    public const ushort L2TP_ATTR_USING_IPSEC = 21;
    public const ushort L2TP_ATTR_RECV_TIMEOUT = 22;
    public const ushort L2TP_ATTR_FD = 23;
    public const ushort L2TP_ATTR_IP_SADDR = 24;
    public const ushort L2TP_ATTR_IP_DADDR = 25;
    public const ushort L2TP_ATTR_UDP_SPORT = 26;
    public const ushort L2TP_ATTR_UDP_DPORT = 27;
    public const ushort L2TP_ATTR_STATS = 30;
    public const ushort L2TP_ATTR_IP6_SADDR = 31;
    public const ushort L2TP_ATTR_IP6_DADDR = 32;
    public const ushort L2TP_ATTR_UDP_ZERO_CSUM6_TX = 33;
    public const ushort L2TP_ATTR_UDP_ZERO_CSUM6_RX = 34;

    public const ushort L2TP_ATTR_TX_PACKETS = 1;
    public const ushort L2TP_ATTR_TX_BYTES = 2;
    public const ushort L2TP_ATTR_TX_ERRORS = 3;
    public const ushort L2TP_ATTR_RX_PACKETS = 4;
    public const ushort L2TP_ATTR_RX_BYTES = 5;
    public const ushort L2TP_ATTR_RX_SEQ_DISCARDS = 6;
    public const ushort L2TP_ATTR_RX_OOS_PACKETS = 7;
    public const ushort L2TP_ATTR_RX_ERRORS = 8;
    public const ushort L2TP_ATTR_RX_COOKIE_DISCARDS = 10;
    public const ushort L2TP_ATTR_RX_INVALID = 11;
}
