using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    public const int AF_PACKET = 17;

    // linux/if_ether.h
    public const ushort ETH_P_IPV6 = 0x86dd;

    /// <summary>struct sockaddr_ll.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_ll
    {
        public ushort sll_family;
        public ushort sll_protocol;
        public int sll_ifindex;
        public ushort sll_hatype;
        public byte sll_pkttype;
        public byte sll_halen;
        public fixed byte sll_addr[8];
    }
}
