namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    // Not in glibc's header before 2.37; linux/in.h has it.
    public const int IPPROTO_L2TP = 115;
}
