using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Netlink;

/// <summary>An AF_NETLINK socket with extended acknowledgements (NETLINK_EXT_ACK, NETLINK_CAP_ACK).</summary>
public sealed class NetlinkSocket : INetlinkTransport
{
    /// <summary>NETLINK_ROUTE.</summary>
    public const int Route = 0;

    /// <summary>NETLINK_XFRM.</summary>
    public const int Xfrm = 6;

    /// <summary>NETLINK_NETFILTER.</summary>
    public const int Netfilter = 12;

    /// <summary>NETLINK_GENERIC.</summary>
    public const int Generic = 16;

    private const int AddressSize = 12;

    private NetlinkSocket(FileDescriptor descriptor, uint portId) => (Descriptor, PortId) = (descriptor, portId);

    /// <summary>The descriptor, for the loop.</summary>
    public FileDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public uint PortId { get; }

    /// <summary>Opens a socket.</summary>
    /// <param name="protocol"><see cref="Route"/>, <see cref="Xfrm"/>, <see cref="Netfilter"/> or <see cref="Generic"/>.</param>
    /// <param name="timeout">How long a receive waits (SO_RCVTIMEO). Zero: a non-blocking socket, for events in a loop.</param>
    /// <param name="socket">The socket.</param>
    public static unsafe LinuxError TryOpen(int protocol, TimeSpan timeout, out NetlinkSocket? socket)
    {
        socket = null;
        var blocking = timeout > TimeSpan.Zero ? 0 : LibC.SOCK_NONBLOCK;
        var number = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC | blocking, protocol);
        if (number < 0)
            return new LinuxError(LibC.errno, "socket", "netlink");
        var descriptor = new FileDescriptor(number);
        var address = stackalloc byte[AddressSize];
        new Span<byte>(address, AddressSize).Clear();
        *(sa_family_t*)address = LibC.AF_NETLINK;
        socklen_t length = AddressSize;
        if (Native.bind(descriptor, address, AddressSize) < 0 || Native.getsockname(descriptor, address, &length) < 0)
        {
            var error = new LinuxError(LibC.errno, "bind", "netlink");
            descriptor.Dispose();
            return error;
        }

        SetOptions(descriptor, timeout);
        socket = new NetlinkSocket(descriptor, ((uint*)address)[1]);
        return LinuxError.None;
    }

    /// <summary>Joins a multicast group (NETLINK_ADD_MEMBERSHIP).</summary>
    public unsafe LinuxError Subscribe(uint group) =>
        Native.setsockopt(Descriptor, LibC.SOL_NETLINK, Native.NETLINK_ADD_MEMBERSHIP, &group, sizeof(uint)) < 0
            ? new LinuxError(LibC.errno, "setsockopt", $"NETLINK_ADD_MEMBERSHIP {group}")
            : LinuxError.None;

    /// <inheritdoc/>
    public unsafe int Send(ReadOnlySpan<byte> message)
    {
        fixed (byte* start = message)
        {
            while (Native.send(Descriptor, start, message.Length, 0) < 0)
            {
                if (LibC.errno != Errno.EINTR)
                    return LibC.errno;
            }

            return 0;
        }
    }

    /// <inheritdoc/>
    public unsafe int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = Native.recv(Descriptor, start, buffer.Length, LibC.MSG_TRUNC);
                if (count > buffer.Length)
                    return -Errno.EMSGSIZE;
                if (count >= 0)
                    return count;
                if (LibC.errno != Errno.EINTR)
                    return -LibC.errno;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    /// <summary>Older kernels lack the acknowledgement options. Their errors come without text, which is no reason to fail.</summary>
    private static unsafe void SetOptions(FileDescriptor descriptor, TimeSpan timeout)
    {
        var on = 1;
        _ = Native.setsockopt(descriptor, LibC.SOL_NETLINK, Native.NETLINK_EXT_ACK, &on, sizeof(int));
        _ = Native.setsockopt(descriptor, LibC.SOL_NETLINK, Native.NETLINK_CAP_ACK, &on, sizeof(int));
        if (timeout <= TimeSpan.Zero)
            return;
        var wait = new Native.timeval { tv_sec = (long)timeout.TotalSeconds, tv_usec = timeout.Ticks / 10 % 1_000_000 };
        _ = Native.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, &wait, sizeof(Native.timeval));
    }
}
