namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    // linux/if_ether.h
    public const ushort ETH_P_IP = 0x0800;
    public const ushort ETH_P_IPV6 = 0x86dd;
}
