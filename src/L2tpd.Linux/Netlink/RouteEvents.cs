using System.Net;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>
/// Reports when the routes to some addresses may have changed (rtnetlink(7): interfaces, addresses, routes). Non-blocking:
/// register <see cref="Descriptor"/> with the loop.
/// </summary>
/// <remarks>Interfaces and addresses count too: the kernel does not report the IPv4 routes that end with them.</remarks>
public sealed class RouteEvents : IDisposable
{
    private const int BufferSize = 64 * 1024;

    /// <summary>With more addresses than this, every change counts: comparing each of them would cost more than the caller saves.</summary>
    private const int MostLookedAt = 256;

    private readonly INetlinkTransport _transport;
    private readonly byte[] _buffer = new byte[BufferSize];

    /// <summary>Takes over a transport that is subscribed to the groups.</summary>
    internal RouteEvents(INetlinkTransport transport, FileDescriptor descriptor) => (_transport, Descriptor) = (transport, descriptor);

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
            Native.RTNLGRP_LINK, Native.RTNLGRP_IPV4_IFADDR, Native.RTNLGRP_IPV4_ROUTE,
            Native.RTNLGRP_IPV6_IFADDR, Native.RTNLGRP_IPV6_ROUTE,
        })
        {
            error = error.IsNone ? socket!.Subscribe(group) : error;
        }

        if (error.IsNone)
            events = new RouteEvents(socket!, socket!.Descriptor);
        else
            socket!.Dispose();
        return error;
    }

    /// <summary>Reads the available events.</summary>
    /// <returns>True if the route to one of the addresses may have changed.</returns>
    public bool Read(IReadOnlyCollection<IPAddress> addresses)
    {
        var concerns = false;
        while (true)
        {
            var count = _transport.Receive(_buffer);
            if (count == -Errno.EAGAIN)
                return concerns;
            // ENOBUFS: events were lost. Other errors are reported by the next call.
            if (count < 0)
                return true;
            foreach (var message in new NetlinkMessages(_buffer.AsSpan(0, count)))
            {
                concerns = concerns || addresses.Count > MostLookedAt
                    || message.Type is not (Native.RTM_NEWROUTE or Native.RTM_DELROUTE)
                    || RouteMessages.Concerns(message.Payload, addresses);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();
}
