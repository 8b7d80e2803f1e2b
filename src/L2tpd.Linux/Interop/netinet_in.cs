namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    // From linux/in.h: glibc's header has it since 2.37 only.
    public const int IPPROTO_L2TP = 115;
}
