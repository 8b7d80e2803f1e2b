using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;

    // int epoll_create1(int flags);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    // int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int epoll_ctl(FileDescriptor epfd, int op, FileDescriptor fd, byte* epollEvent);

    // int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int epoll_wait(FileDescriptor epfd, byte* events, int maxevents, int timeout);
}
