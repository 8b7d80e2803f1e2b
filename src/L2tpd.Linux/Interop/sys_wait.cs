using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    public const int P_PID = 1;
    public const int P_PIDFD = 3;
    public const int WNOHANG = 1;
    public const int WEXITED = 4;

    /// <summary>
    /// siginfo_t as waitid fills it on 64-bit Linux. In the structure of the package, si_code and si_errno are exchanged.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct siginfo_t
    {
        [FieldOffset(0)]
        public int si_signo;

        [FieldOffset(8)]
        public int si_code;

        [FieldOffset(16)]
        public int si_pid;

        [FieldOffset(24)]
        public int si_status;
    }

    // int waitid(idtype_t idtype, id_t id, siginfo_t *infop, int options);
    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitid(int idtype, int id, siginfo_t* infop, int options);
}
