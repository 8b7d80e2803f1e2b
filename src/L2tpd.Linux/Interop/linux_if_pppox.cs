namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    public const int PX_PROTO_OL2TP = 1;
    public const int PPPOL2TP_SO_RECVSEQ = 2;
    public const int PPPOL2TP_SO_SENDSEQ = 3;
    public const int PPPOL2TP_SO_LNSMODE = 4;
    public const int PPPOL2TP_SO_REORDERTO = 5;
}
