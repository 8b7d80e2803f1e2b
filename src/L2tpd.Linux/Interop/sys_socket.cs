using System.Runtime.InteropServices;
using Tmds.Linux;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    // linux/udp.h
    public const int UDP_SEGMENT = 103;
    public const int UDP_GRO = 104;

    // asm-generic/socket.h, Linux 5.19
    public const int SO_RCVMARK = 75;

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

    /// <summary>struct mmsghdr. In the structure of the package, the header is a property, which cannot be changed in place.</summary>
    public struct mmsghdr
    {
        public msghdr msg_hdr;
        public uint msg_len;
    }

    // int recvmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags, struct timespec *timeout);
    [LibraryImport(Library, SetLastError = true)]
    public static partial int recvmmsg(FileDescriptor sockfd, mmsghdr* msgvec, uint vlen, int flags, timespec* timeout);

    // int sendmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags);
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sendmmsg(FileDescriptor sockfd, mmsghdr* msgvec, uint vlen, int flags);
}
