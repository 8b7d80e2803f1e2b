using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>A network device appeared, changed or went.</summary>
/// <param name="Link">The device as it is now, or was.</param>
/// <param name="IsGone">It is no more.</param>
public sealed record LinkEvent(LinkInfo Link, bool IsGone);

/// <summary>
/// Tells what becomes of network devices (rtnetlink(7), group RTNLGRP_LINK). Non-blocking: register <see cref="Descriptor"/> with the loop. What
/// there is already is told the same way, by the same socket, so that it cannot overtake an event.
/// </summary>
public sealed class LinkEvents : IDisposable
{
    // No datagram of a dump is larger than the buffer of who reads it, and none of the group than the kernel's page-sized ones.
    private const int BufferSize = 64 * 1024;

    private readonly INetlinkTransport transport;
    private readonly NetlinkWriter request = new();
    private readonly byte[] buffer = new byte[BufferSize];
    private uint sequence;

    /// <summary>Over any transport that is subscribed; takes ownership of it.</summary>
    internal LinkEvents(INetlinkTransport transport, FileDescriptor descriptor) => (this.transport, Descriptor) = (transport, descriptor);

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

    /// <summary>Asks for all devices; they come as events. EBUSY: the answer to the last such question is not read to its end.</summary>
    public LinuxError AskForAll()
    {
        request.Begin(Native.RTM_GETLINK, Native.NLM_F_DUMP);
        request.Put(default(Native.ifinfomsg));
        request.SetSequence(++sequence, transport.PortId);
        var errno = transport.Send(request.Message);
        return errno == 0 ? LinuxError.None : new LinuxError(errno, "RTM_GETLINK", "all devices");
    }

    /// <summary>Reads what is there.</summary>
    /// <param name="events">Gets the events appended.</param>
    /// <returns>None, or ENOBUFS: events were lost, ask for all.</returns>
    public LinuxError Read(ICollection<LinkEvent> events)
    {
        while (true)
        {
            var count = transport.Receive(buffer);
            if (count == -Errno.EAGAIN)
                return LinuxError.None;
            if (count < 0)
                return new LinuxError(-count, "recv", "rtnetlink group link");
            foreach (var message in new NetlinkMessages(buffer.AsSpan(0, count)))
            {
                if (message.Type is Native.RTM_NEWLINK or Native.RTM_DELLINK && LinkMessages.IsOfDevice(message.Payload)
                    && LinkMessages.Read(message.Payload) is { } link)
                    events.Add(new LinkEvent(link, message.Type == Native.RTM_DELLINK));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();
}
