using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class LibC
{
    // int ioctl(int fd, unsigned long request, ...);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int ioctl(FileDescriptor fd, nuint request, void* argument);
}
