using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const int F_SETFL = 4;
    public const int F_DUPFD_CLOEXEC = 1030;

    // int open(const char *pathname, int flags, ...);
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string pathname, int flags);

    // int fcntl(int fd, int cmd, ...);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int fcntl(FileDescriptor fd, int cmd, nint arg);
}
