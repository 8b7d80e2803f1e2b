namespace L2tpd.Linux.Netlink;

/// <summary>
/// Reports that the kernel's security associations have changed. Non-blocking: register <see cref="Descriptor"/> with the loop. Needs
/// CAP_NET_ADMIN.
/// </summary>
public sealed class XfrmEvents : IDisposable
{
    private const int BufferSize = 64 * 1024;

    // XFRMNLGRP_EXPIRE, XFRMNLGRP_SA, XFRMNLGRP_MAPPING (linux/xfrm.h).
    private const uint Expired = 2, Associations = 3, Mapping = 8;

    private readonly NetlinkSocket _socket;
    private readonly byte[] _buffer = new byte[BufferSize];

    private XfrmEvents(NetlinkSocket socket) => _socket = socket;

    /// <summary>The socket.</summary>
    public FileDescriptor Descriptor => _socket.Descriptor;

    /// <summary>Opens a socket and joins the groups. EPROTONOSUPPORT: the module xfrm_user is missing.</summary>
    public static LinuxError TryOpen(out XfrmEvents? events)
    {
        events = null;
        var error = NetlinkSocket.TryOpen(NetlinkSocket.Xfrm, TimeSpan.Zero, out var socket);
        foreach (var group in new[] { Expired, Associations, Mapping })
            error = error.IsNone ? socket!.Subscribe(group) : error;
        if (error.IsNone)
            events = new XfrmEvents(socket!);
        else
            socket?.Dispose();
        return error;
    }

    /// <summary>Reads all events that wait. What they say is read from <see cref="XfrmTable"/>.</summary>
    public void Drain()
    {
        var count = 0;
        // ENOBUFS says that events were lost, and is followed by others.
        while (count != -Errno.EAGAIN)
        {
            count = _socket.Receive(_buffer);
            if (count < 0 && count is not (-Errno.EAGAIN or -Errno.ENOBUFS))
                return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
