using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int EFD_NONBLOCK = O_NONBLOCK;
    public const int EFD_CLOEXEC = O_CLOEXEC;

    // int eventfd(unsigned int initval, int flags);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int eventfd(uint initval, int flags);
}
