namespace L2tpd.Linux.Netlink;

/// <summary>Events of the multicast group "l2tp". Non-blocking: register <see cref="Descriptor"/> with the loop.</summary>
public sealed class L2tpEvents : IDisposable
{
    private readonly INetlinkTransport _transport;
    private readonly ushort _familyId;
    private readonly byte[] _buffer = new byte[32 * 1024];

    /// <summary>Takes over a transport that is subscribed to the group.</summary>
    internal L2tpEvents(INetlinkTransport transport, FileDescriptor descriptor, ushort familyId) =>
        (_transport, Descriptor, _familyId) = (transport, descriptor, familyId);

    /// <summary>The socket.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a socket and joins the group.</summary>
    /// <returns>ENOENT: no such family or group.</returns>
    public static LinuxError TryOpen(out L2tpEvents? events)
    {
        events = null;
        var error = L2tpNetlink.TryOpen(out var netlink);
        if (!error.IsNone)
            return error;
        using (netlink)
        {
            if (netlink!.MulticastGroup == 0)
                return new LinuxError(Errno.ENOENT, "CTRL_CMD_GETFAMILY", "multicast group l2tp");
            error = NetlinkSocket.TryOpen(NetlinkSocket.Generic, TimeSpan.Zero, out var socket);
            if (error.IsNone)
                error = socket!.Subscribe(netlink.MulticastGroup);
            if (error.IsNone)
                events = new L2tpEvents(socket!, socket!.Descriptor, netlink.FamilyId);
            else
                socket?.Dispose();
            return error;
        }
    }

    /// <summary>Reads the available events.</summary>
    /// <param name="events">The list to append to.</param>
    /// <returns>ENOBUFS: events were lost, read the whole state.</returns>
    public LinuxError Read(ICollection<L2tpEvent> events)
    {
        while (true)
        {
            var count = _transport.Receive(_buffer);
            if (count == -Errno.EAGAIN)
                return LinuxError.None;
            if (count < 0)
                return new LinuxError(-count, "recv", "netlink group l2tp");
            foreach (var message in new NetlinkMessages(_buffer.AsSpan(0, count)))
            {
                if (message.Type == _familyId && Decode(message.Payload) is { } decoded)
                    events.Add(decoded);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private static L2tpEvent? Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return null;
        var kind = (L2tpEventKind)payload[0];
        return kind switch
        {
            L2tpEventKind.TunnelCreated or L2tpEventKind.TunnelDeleted or L2tpEventKind.TunnelModified =>
                new L2tpEvent(kind, L2tpMessages.ReadTunnel(L2tpNetlink.Attributes(payload)), null),
            L2tpEventKind.SessionCreated or L2tpEventKind.SessionDeleted or L2tpEventKind.SessionModified =>
                new L2tpEvent(kind, null, L2tpMessages.ReadSession(L2tpNetlink.Attributes(payload))),
            _ => null,
        };
    }
}
