using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Netlink;

/// <summary>Converts RTM_NEWLINK and RTM_DELLINK to records.</summary>
internal static class LinkMessages
{
    private const int HeaderSize = 16;

    /// <summary>The interface; <c>null</c> if the message is too short.</summary>
    public static LinkInfo? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderSize)
            return null;
        var header = MemoryMarshal.Read<Native.ifinfomsg>(payload);
        var link = new LinkInfo((uint)header.ifi_index, "", (header.ifi_flags & Native.IFF_UP) != 0, 0, default)
        {
            HasCarrier = (header.ifi_flags & Native.IFF_LOWER_UP) != 0,
        };
        foreach (var attribute in new NetlinkAttributes(payload[HeaderSize..]))
        {
            link = attribute.Type switch
            {
                Native.IFLA_IFNAME => link with { Name = attribute.Text },
                Native.IFLA_MTU => link with { Mtu = attribute.UInt32 },
                Native.IFLA_MASTER => link with { Master = attribute.UInt32 },
                Native.IFLA_LINKINFO => ReadKinds(link, attribute.Nested),
                Native.IFLA_STATS64 => link with { Statistics = ReadStatistics(attribute.Payload) },
                _ => link,
            };
        }

        return link;
    }

    /// <summary>
    /// Whether the message is about the interface itself. A bridge reports its ports in the same group, with its own address family.
    /// </summary>
    public static bool IsOfDevice(ReadOnlySpan<byte> payload) => payload.Length >= HeaderSize && payload[0] == LibC.AF_UNSPEC;

    private static LinkInfo ReadKinds(LinkInfo link, NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
        {
            link = attribute.Type switch
            {
                Native.IFLA_INFO_KIND => link with { Kind = attribute.Text },
                Native.IFLA_INFO_SLAVE_KIND => link with { PortOf = attribute.Text },
                _ => link,
            };
        }

        return link;
    }

    /// <summary>The first eight numbers of struct rtnl_link_stats64, which the kernel does not align.</summary>
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
