namespace L2tpd.Linux.Interop;

internal static unsafe partial class LibC
{
    public const ushort RTM_NEWLINK = 16;
    public const ushort RTM_GETLINK = 18;
    public const ushort RTM_NEWADDR = 20;

    public const ushort IFLA_IFNAME = 3;
    public const ushort IFLA_MTU = 4;
    public const ushort IFLA_STATS64 = 23;
    public const ushort IFA_ADDRESS = 1;
    public const ushort IFA_LOCAL = 2;

    public const uint IFF_UP = 1;

    /// <summary>struct ifinfomsg.</summary>
    public struct ifinfomsg
    {
        public byte ifi_family;
        public byte ifi_pad;
        public ushort ifi_type;
        public int ifi_index;
        public uint ifi_flags;
        public uint ifi_change;
    }

    /// <summary>struct ifaddrmsg.</summary>
    public struct ifaddrmsg
    {
        public byte ifa_family;
        public byte ifa_prefixlen;
        public byte ifa_flags;
        public byte ifa_scope;
        public uint ifa_index;
    }
}
