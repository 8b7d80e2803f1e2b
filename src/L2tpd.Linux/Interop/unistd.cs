using System.Runtime.InteropServices;
using Tmds.Linux;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    // ssize_t writev(int fd, const struct iovec *iov, int iovcnt);
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint writev(FileDescriptor fd, iovec* iov, int iovcnt);
}
