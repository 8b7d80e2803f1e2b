using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>A network interface appeared, changed or disappeared.</summary>
/// <param name="Link">The interface as it is, or was.</param>
/// <param name="IsGone">Whether it was removed.</param>
public sealed record LinkEvent(LinkInfo Link, bool IsGone);

/// <summary>
/// Reports changes of network interfaces (rtnetlink(7), group RTNLGRP_LINK). Non-blocking: register <see cref="Descriptor"/> with the loop.
/// The existing interfaces come through the same socket, so that no event overtakes them.
/// </summary>
public sealed class LinkEvents : IDisposable
{
    // A datagram of a dump is never larger than the reader's buffer; one of the group has at most a page.
    private const int BufferSize = 64 * 1024;

    private readonly INetlinkTransport _transport;
    private readonly NetlinkWriter _request = new();
    private readonly byte[] _buffer = new byte[BufferSize];
    private uint _sequence;

    /// <summary>Takes over a transport that is subscribed to the group.</summary>
    internal LinkEvents(INetlinkTransport transport, FileDescriptor descriptor) => (_transport, Descriptor) = (transport, descriptor);

    /// <summary>The socket.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a socket and joins the group.</summary>
    public static LinuxError TryOpen(out LinkEvents? events)
    {
        events = null;
        var error = NetlinkSocket.TryOpen(NetlinkSocket.Route, TimeSpan.Zero, out var socket);
        if (!error.IsNone)
            return error;
        error = socket!.Subscribe(Native.RTNLGRP_LINK);
        if (error.IsNone)
            events = new LinkEvents(socket, socket.Descriptor);
        else
            socket.Dispose();
        return error;
    }

    /// <summary>Requests all interfaces, which come as events. EBUSY: the answer to the last such request is not completely read.</summary>
    public LinuxError AskForAll()
    {
        _request.Begin(Native.RTM_GETLINK, Native.NLM_F_DUMP);
        _request.Put(default(Native.ifinfomsg));
        _request.SetSequence(++_sequence, _transport.PortId);
        var errno = _transport.Send(_request.Message);
        return errno == 0 ? LinuxError.None : new LinuxError(errno, "RTM_GETLINK", "all devices");
    }

    /// <summary>Reads the available events.</summary>
    /// <param name="events">The list to append to.</param>
    /// <returns>ENOBUFS: events were lost, call <see cref="AskForAll"/>.</returns>
    public LinuxError Read(ICollection<LinkEvent> events)
    {
        while (true)
        {
            var count = _transport.Receive(_buffer);
            if (count == -Errno.EAGAIN)
                return LinuxError.None;
            if (count < 0)
                return new LinuxError(-count, "recv", "rtnetlink group link");
            foreach (var message in new NetlinkMessages(_buffer.AsSpan(0, count)))
            {
                if (message.Type is Native.RTM_NEWLINK or Native.RTM_DELLINK && LinkMessages.IsOfDevice(message.Payload)
                    && LinkMessages.Read(message.Payload) is { } link)
                {
                    events.Add(new LinkEvent(link, message.Type == Native.RTM_DELLINK));
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();
}
