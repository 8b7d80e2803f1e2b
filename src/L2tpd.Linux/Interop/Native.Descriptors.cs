using Tmds.Linux;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    // glibc has wrappers since 2.36 only. The numbers are the same on every architecture.
    private const int SYS_pidfd_send_signal = 424;
    private const int SYS_pidfd_open = 434;

    public static int open(string pathname, int flags)
    {
        fixed (byte* path = CString(pathname))
            return LibC.open(path, flags, default);
    }

    public static int memfd_create(string name, uint flags)
    {
        fixed (byte* start = CString(name))
            return LibC.memfd_create(start, flags);
    }

    public static int pidfd_open(int pid, uint flags) => (int)LibC.syscall(SYS_pidfd_open, pid, flags);

    public static int pidfd_send_signal(FileDescriptor pidfd, int sig)
    {
        using var held = new HeldDescriptor(pidfd);
        return (int)LibC.syscall(SYS_pidfd_send_signal, held.Number, sig, 0, 0);
    }

    public static int fcntl(FileDescriptor fd, int cmd, int arg)
    {
        using var held = new HeldDescriptor(fd);
        return LibC.fcntl(held.Number, cmd, arg);
    }

    /// <param name="fd">The descriptor.</param>
    /// <param name="request">The kernel reads its low 32 bits only: it does not matter that the package extends the sign.</param>
    /// <param name="argument">The argument of the request.</param>
    public static int ioctl(FileDescriptor fd, uint request, void* argument)
    {
        using var held = new HeldDescriptor(fd);
        return LibC.ioctl(held.Number, unchecked((int)request), argument);
    }

    public static int read(FileDescriptor fd, void* buf, int count)
    {
        using var held = new HeldDescriptor(fd);
        return (int)LibC.read(held.Number, buf, count);
    }

    public static int write(FileDescriptor fd, void* buf, int count)
    {
        using var held = new HeldDescriptor(fd);
        return (int)LibC.write(held.Number, buf, count);
    }

    public static int epoll_ctl(FileDescriptor epfd, int op, FileDescriptor fd, byte* epollEvent)
    {
        using var heldEpoll = new HeldDescriptor(epfd);
        using var held = new HeldDescriptor(fd);
        return LibC.epoll_ctl(heldEpoll.Number, op, held.Number, (epoll_event*)epollEvent);
    }

    public static int epoll_wait(FileDescriptor epfd, byte* events, int maxevents, int timeout)
    {
        using var held = new HeldDescriptor(epfd);
        return LibC.epoll_wait(held.Number, (epoll_event*)events, maxevents, timeout);
    }

    public static int bind(FileDescriptor sockfd, byte* addr, int addrlen)
    {
        using var held = new HeldDescriptor(sockfd);
        return LibC.bind(held.Number, (sockaddr*)addr, addrlen);
    }

    public static int connect(FileDescriptor sockfd, byte* addr, int addrlen)
    {
        using var held = new HeldDescriptor(sockfd);
        return LibC.connect(held.Number, (sockaddr*)addr, addrlen);
    }

    public static int getsockname(FileDescriptor sockfd, byte* addr, socklen_t* addrlen)
    {
        using var held = new HeldDescriptor(sockfd);
        return LibC.getsockname(held.Number, (sockaddr*)addr, addrlen);
    }

    public static int setsockopt(FileDescriptor sockfd, int level, int optname, void* optval, int optlen)
    {
        using var held = new HeldDescriptor(sockfd);
        return LibC.setsockopt(held.Number, level, optname, optval, optlen);
    }

    public static int getsockopt(FileDescriptor sockfd, int level, int optname, void* optval, socklen_t* optlen)
    {
        using var held = new HeldDescriptor(sockfd);
        return LibC.getsockopt(held.Number, level, optname, optval, optlen);
    }

    public static int send(FileDescriptor sockfd, void* buf, int len, int flags)
    {
        using var held = new HeldDescriptor(sockfd);
        return (int)LibC.send(held.Number, buf, len, flags);
    }

    public static int recv(FileDescriptor sockfd, void* buf, int len, int flags)
    {
        using var held = new HeldDescriptor(sockfd);
        return (int)LibC.recv(held.Number, buf, len, flags);
    }

    public static int sendto(FileDescriptor sockfd, void* buf, int len, int flags, byte* address, int addressLength)
    {
        using var held = new HeldDescriptor(sockfd);
        return (int)LibC.sendto(held.Number, buf, len, flags, (sockaddr*)address, addressLength);
    }

    public static int recvmsg(FileDescriptor sockfd, msghdr* msg, int flags)
    {
        using var held = new HeldDescriptor(sockfd);
        return (int)LibC.recvmsg(held.Number, msg, flags);
    }

    /// <summary>Keeps a descriptor open while a call uses its number.</summary>
    private readonly ref struct HeldDescriptor
    {
        private readonly FileDescriptor descriptor;
        private readonly bool isHeld;

        public HeldDescriptor(FileDescriptor descriptor)
        {
            this.descriptor = descriptor;
            descriptor.DangerousAddRef(ref isHeld);
        }

        public int Number => descriptor.Number;

        public void Dispose()
        {
            if (isHeld)
                descriptor.DangerousRelease();
        }
    }
}
