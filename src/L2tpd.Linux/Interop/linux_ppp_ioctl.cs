namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    public const uint PPPIOCGL2TPSTATS = 0x80487436;
    public const uint PPPIOCGCHAN = 0x80047437;
    public const uint PPPIOCATTCHAN = 0x40047438;
    public const uint PPPIOCDISCONN = 0x7439;
    public const uint PPPIOCCONNECT = 0x4004743a;
    public const uint PPPIOCNEWUNIT = 0xc004743e;
    public const uint PPPIOCGIDLE = 0x8010743f;
    public const uint PPPIOCSNPMODE = 0x4008744b;
    public const uint PPPIOCSMRU = 0x40047452;
    public const uint PPPIOCSFLAGS = 0x40047459;
    public const uint PPPIOCGFLAGS = 0x8004745a;

    /// <summary>struct pppol2tp_ioc_stats.</summary>
    public struct pppol2tp_ioc_stats
    {
        public ushort tunnel_id;
        public ushort session_id;
        public uint using_ipsec;
        public ulong tx_packets;
        public ulong tx_bytes;
        public ulong tx_errors;
        public ulong rx_packets;
        public ulong rx_bytes;
        public ulong rx_seq_discards;
        public ulong rx_oos_packets;
        public ulong rx_errors;
    }

    /// <summary>struct npioctl.</summary>
    public struct npioctl
    {
        public int protocol;
        public int mode;
    }

    /// <summary>struct ppp_idle64.</summary>
    public struct ppp_idle64
    {
        public long xmit_idle;
        public long recv_idle;
    }
}
