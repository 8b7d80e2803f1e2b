using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>Counters of a network device (IFLA_STATS64).</summary>
public readonly record struct LinkStatistics(
    ulong ReceivePackets, ulong TransmitPackets, ulong ReceiveBytes, ulong TransmitBytes,
    ulong ReceiveErrors, ulong TransmitErrors, ulong ReceiveDropped, ulong TransmitDropped);

/// <summary>A network device.</summary>
/// <param name="Index">Interface index.</param>
/// <param name="Name">Interface name.</param>
/// <param name="IsUp">IFF_UP.</param>
/// <param name="Mtu">MTU in octets.</param>
/// <param name="Statistics">Counters.</param>
public sealed record LinkInfo(uint Index, string Name, bool IsUp, uint Mtu, LinkStatistics Statistics);

/// <summary>The little of rtnetlink(7) the data planes need. Synchronous, one call at a time.</summary>
public sealed class RtNetlink : IDisposable
{
    private const int LinkHeaderSize = 16;

    private readonly NetlinkConnection connection;

    /// <summary>The same as <see cref="TryOpen"/> over any transport; takes ownership of it.</summary>
    public RtNetlink(INetlinkTransport transport, TimeSpan? timeout = null) =>
        connection = new NetlinkConnection(transport, timeout ?? L2tpNetlink.DefaultTimeout);

    /// <summary>Opens the socket.</summary>
    public static LinuxError TryOpen(out RtNetlink? netlink, TimeSpan? timeout = null)
    {
        var error = NetlinkSocket.TryOpen(NetlinkSocket.Route, timeout ?? L2tpNetlink.DefaultTimeout, out var socket);
        netlink = error.IsNone ? new RtNetlink(socket!, timeout) : null;
        return error;
    }

    /// <summary>RTM_GETLINK by name. ENODEV: no such device.</summary>
    public LinuxError GetLink(string name, out LinkInfo? link)
    {
        connection.Request.Begin(LibC.RTM_GETLINK, LibC.NLM_F_ACK);
        connection.Request.Put(default(LibC.ifinfomsg));
        connection.Request.Put(LibC.IFLA_IFNAME, name);
        LinkInfo? found = null;
        var error = connection.Execute("RTM_GETLINK", name, payload => found = ReadLink(payload));
        link = error.IsNone ? found : null;
        return error.IsNone && found is null ? new LinuxError(Errno.EBADMSG, "RTM_GETLINK", name) : error;
    }

    /// <summary>Sets a device up or down and its MTU (RTM_NEWLINK); null leaves as is. ENODEV: no such device.</summary>
    public LinuxError SetLink(string name, bool? up, uint? mtu)
    {
        connection.Request.Begin(LibC.RTM_NEWLINK, LibC.NLM_F_ACK);
        connection.Request.Put(new LibC.ifinfomsg
        {
            ifi_flags = up == true ? LibC.IFF_UP : 0,
            ifi_change = up is null ? 0 : LibC.IFF_UP,
        });
        connection.Request.Put(LibC.IFLA_IFNAME, name);
        if (mtu is { } octets)
            connection.Request.Put(LibC.IFLA_MTU, octets);
        return connection.Execute("RTM_NEWLINK", name);
    }

    /// <summary>Adds an address (RTM_NEWADDR). EEXIST: it is there.</summary>
    /// <param name="name">The device.</param>
    /// <param name="address">The address, host bits and all.</param>
    /// <param name="prefixLength">Prefix length.</param>
    /// <param name="peer">The other end of a point-to-point link, or null.</param>
    public LinuxError AddAddress(string name, IPAddress address, int prefixLength, IPAddress? peer = null)
    {
        var error = GetLink(name, out var link);
        if (!error.IsNone)
            return error;
        connection.Request.Begin(LibC.RTM_NEWADDR, LibC.NLM_F_ACK | LibC.NLM_F_CREATE | LibC.NLM_F_EXCL);
        connection.Request.Put(new LibC.ifaddrmsg
        {
            ifa_family = address.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)LibC.AF_INET6 : (byte)LibC.AF_INET,
            ifa_prefixlen = (byte)prefixLength,
            ifa_index = link!.Index,
        });
        connection.Request.Put(LibC.IFA_LOCAL, address.GetAddressBytes());
        connection.Request.Put(LibC.IFA_ADDRESS, (peer ?? address).GetAddressBytes());
        return connection.Execute("RTM_NEWADDR", $"{name} {address}/{prefixLength}");
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private static LinkInfo? ReadLink(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < LinkHeaderSize)
            return null;
        var header = MemoryMarshal.Read<LibC.ifinfomsg>(payload);
        var link = new LinkInfo((uint)header.ifi_index, "", (header.ifi_flags & LibC.IFF_UP) != 0, 0, default);
        foreach (var attribute in new NetlinkAttributes(payload[LinkHeaderSize..]))
        {
            link = attribute.Type switch
            {
                LibC.IFLA_IFNAME => link with { Name = attribute.Text },
                LibC.IFLA_MTU => link with { Mtu = attribute.UInt32 },
                LibC.IFLA_STATS64 => link with { Statistics = ReadStatistics(attribute.Payload) },
                _ => link,
            };
        }
        return link;
    }

    /// <summary>The first eight of struct rtnl_link_stats64, which the kernel does not align.</summary>
    private static LinkStatistics ReadStatistics(ReadOnlySpan<byte> payload)
    {
        const int octets = 8 * sizeof(ulong);
        if (payload.Length < octets)
            return default;
        Span<ulong> numbers = stackalloc ulong[8];
        payload[..octets].CopyTo(MemoryMarshal.AsBytes(numbers));
        return new LinkStatistics(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7]);
    }
}
