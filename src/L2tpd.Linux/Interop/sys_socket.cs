using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int AF_UNIX = 1;
    public const int AF_UNSPEC = 0;
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int AF_NETLINK = 16;
    public const int AF_PPPOX = 24;

    public const int SOCK_DGRAM = 2;
    public const int SOCK_RAW = 3;
    public const int SOCK_NONBLOCK = O_NONBLOCK;
    public const int SOCK_CLOEXEC = O_CLOEXEC;

    public const int SOL_SOCKET = 1;
    public const int SO_ERROR = 4;
    public const int SO_SNDBUF = 7;
    public const int SO_RCVBUF = 8;
    public const int SO_REUSEPORT = 15;
    public const int SO_RCVTIMEO = 20;
    public const int SO_BINDTODEVICE = 25;
    public const int SO_SNDBUFFORCE = 32;
    public const int SO_RCVBUFFORCE = 33;
    public const int SO_MARK = 36;
    public const int SO_ATTACH_REUSEPORT_CBPF = 51;

    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_ERRQUEUE = 0x2000;
    public const int MSG_NOSIGNAL = 0x4000;

    public const int UDP_SEGMENT = 103;
    public const int UDP_GRO = 104;

    /// <summary>struct sock_filter: one instruction of classic BPF.</summary>
    public struct sock_filter
    {
        public ushort code;
        public byte jt;
        public byte jf;
        public uint k;
    }

    /// <summary>struct sock_fprog.</summary>
    public struct sock_fprog
    {
        public ushort len;
        public sock_filter* filter;
    }

    /// <summary>struct iovec.</summary>
    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    /// <summary>struct msghdr of 64-bit Linux.</summary>
    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }

    /// <summary>struct mmsghdr.</summary>
    public struct mmsghdr
    {
        public msghdr msg_hdr;
        public uint msg_len;
    }

    /// <summary>struct cmsghdr of 64-bit Linux; data follow, the next one is aligned to 8.</summary>
    public struct cmsghdr
    {
        public nuint cmsg_len;
        public int cmsg_level;
        public int cmsg_type;
    }

    // int socket(int domain, int type, int protocol);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    // int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int bind(FileDescriptor sockfd, byte* addr, uint addrlen);

    // int connect(int sockfd, const struct sockaddr *addr, socklen_t addrlen);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int connect(FileDescriptor sockfd, byte* addr, uint addrlen);

    // int getsockname(int sockfd, struct sockaddr *addr, socklen_t *addrlen);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int getsockname(FileDescriptor sockfd, byte* addr, uint* addrlen);

    // int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int setsockopt(FileDescriptor sockfd, int level, int optname, void* optval, uint optlen);

    // int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int getsockopt(FileDescriptor sockfd, int level, int optname, void* optval, uint* optlen);

    // ssize_t send(int sockfd, const void *buf, size_t len, int flags);
    [LibraryImport(Name, SetLastError = true)]
    public static partial nint send(FileDescriptor sockfd, void* buf, nuint len, int flags);

    // ssize_t recv(int sockfd, void *buf, size_t len, int flags);
    [LibraryImport(Name, SetLastError = true)]
    public static partial nint recv(FileDescriptor sockfd, void* buf, nuint len, int flags);

    // ssize_t sendto(int sockfd, const void *buf, size_t len, int flags, const struct sockaddr *dest_addr, socklen_t addrlen);
    [LibraryImport(Name, SetLastError = true)]
    public static partial nint sendto(FileDescriptor sockfd, void* buf, nuint len, int flags, byte* dest_addr, uint addrlen);

    // ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags);
    [LibraryImport(Name, SetLastError = true)]
    public static partial nint recvmsg(FileDescriptor sockfd, msghdr* msg, int flags);

    // int recvmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags, struct timespec *timeout);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int recvmmsg(FileDescriptor sockfd, mmsghdr* msgvec, uint vlen, int flags, timespec* timeout);

    // int sendmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags);
    [LibraryImport(Name, SetLastError = true)]
    public static partial int sendmmsg(FileDescriptor sockfd, mmsghdr* msgvec, uint vlen, int flags);
}
