using System.Net;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>
/// Tells when the ways to some addresses may have become others (rtnetlink(7): devices, addresses, routes). Non-blocking: register <see cref="Descriptor"/> with the loop.
/// </summary>
/// <remarks>Devices and addresses count too: routes that IPv4 loses with them are not told of.</remarks>
public sealed class RouteEvents : IDisposable
{
    private const int BufferSize = 64 * 1024;

    /// <summary>With more addresses than this every change counts: to look at each of them would cost the reader more.</summary>
    private const int MostLookedAt = 256;

    private readonly INetlinkTransport transport;
    private readonly byte[] buffer = new byte[BufferSize];

    /// <summary>Over any transport that is subscribed; takes ownership of it.</summary>
    internal RouteEvents(INetlinkTransport transport, FileDescriptor descriptor) => (this.transport, Descriptor) = (transport, descriptor);

    /// <summary>The socket.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a socket and joins the groups.</summary>
    public static LinuxError TryOpen(out RouteEvents? events)
    {
        events = null;
        var error = NetlinkSocket.TryOpen(NetlinkSocket.Route, TimeSpan.Zero, out var socket);
        if (!error.IsNone)
            return error;
        foreach (var group in new[]
        {
            Native.RTNLGRP_LINK, Native.RTNLGRP_IPV4_IFADDR, Native.RTNLGRP_IPV4_ROUTE, Native.RTNLGRP_IPV6_IFADDR, Native.RTNLGRP_IPV6_ROUTE,
        })
            error = error.IsNone ? socket!.Subscribe(group) : error;
        if (error.IsNone)
            events = new RouteEvents(socket!, socket!.Descriptor);
        else
            socket!.Dispose();
        return error;
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>True: the way to one of the addresses may be another now.</returns>
    public bool Read(IReadOnlyCollection<IPAddress> addresses)
    {
        var concerns = false;
        while (true)
        {
            var count = transport.Receive(buffer);
            if (count == -Errno.EAGAIN)
                return concerns;
            // ENOBUFS: events were lost. Anything else is for the next call.
            if (count < 0)
                return true;
            foreach (var message in new NetlinkMessages(buffer.AsSpan(0, count)))
                concerns = concerns || addresses.Count > MostLookedAt || message.Type is not (Native.RTM_NEWROUTE or Native.RTM_DELROUTE) || RouteMessages.Concerns(message.Payload, addresses);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();
}
