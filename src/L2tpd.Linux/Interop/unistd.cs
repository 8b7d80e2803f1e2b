using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class LibC
{
    // int close(int fd);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int close(int fd);

    // ssize_t read(int fd, void *buf, size_t count);
    [LibraryImport(Name, SetLastError = true)]
    public static partial nint read(FileDescriptor fd, void* buf, nuint count);

    // ssize_t write(int fd, const void *buf, size_t count);
    [LibraryImport(Name, SetLastError = true)]
    public static partial nint write(FileDescriptor fd, void* buf, nuint count);

    // ssize_t writev(int fd, const struct iovec *iov, int iovcnt);
    [LibraryImport(Name, SetLastError = true)]
    public static partial nint writev(FileDescriptor fd, iovec* iov, int iovcnt);

    // int pipe2(int pipefd[2], int flags);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int pipe2(int* pipefd, int flags);

    // int memfd_create(const char *name, unsigned int flags);
    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    public const uint MFD_CLOEXEC = 1;
}
