using System.Net;
using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Netlink;

/// <summary>Converts between RTM_NEWROUTE or RTM_DELROUTE and records.</summary>
internal static class RouteMessages
{
    private const int HeaderSize = 12;
    private const int NextHopSize = 8;

    /// <summary>Appends the route, once for each next router. Appends nothing if the message is no route or only a cached one.</summary>
    public static void Read(ReadOnlySpan<byte> payload, ICollection<NetworkRoute> routes)
    {
        if (payload.Length < HeaderSize)
            return;
        var header = MemoryMarshal.Read<Native.rtmsg>(payload);
        var isIPv4 = header.rtm_family == LibC.AF_INET;
        var isCached = (header.rtm_flags & Native.RTM_F_CLONED) != 0;
        if (isCached || (!isIPv4 && header.rtm_family != LibC.AF_INET6))
            return;
        var route = new NetworkRoute(isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, header.rtm_dst_len, null, 0)
        {
            Table = header.rtm_table,
            Protocol = header.rtm_protocol,
            IsOnLink = (header.rtm_flags & Native.RTNH_F_ONLINK) != 0,
            IsUnreachable = header.rtm_type == Native.RTN_UNREACHABLE,
            IsUsable = header.rtm_type == Native.RTN_UNICAST && (header.rtm_flags & Native.RTNH_F_DEAD) == 0,
        };
        ReadOnlySpan<byte> hops = default;
        foreach (var attribute in new NetlinkAttributes(payload[HeaderSize..]))
        {
            if (attribute.Type == Native.RTA_MULTIPATH)
                hops = attribute.Payload;
            else
                route = With(route, attribute);
        }

        if (hops.IsEmpty)
            routes.Add(route);
        else
            ReadHops(route, hops, routes);
    }

    /// <summary>Appends the header and attributes of a route.</summary>
    public static void Write(NetlinkWriter request, NetworkRoute route, byte family)
    {
        request.Put(new Native.rtmsg
        {
            rtm_family = family,
            rtm_dst_len = (byte)route.PrefixLength,
            rtm_table = (byte)NetworkRoute.MainTable,
            rtm_protocol = route.Protocol,
            rtm_scope = route.Gateway is null && !route.IsUnreachable ? Native.RT_SCOPE_LINK : Native.RT_SCOPE_UNIVERSE,
            rtm_type = route.IsUnreachable ? Native.RTN_UNREACHABLE : Native.RTN_UNICAST,
            rtm_flags = route.IsOnLink ? Native.RTNH_F_ONLINK : 0,
        });
        if (route.PrefixLength > 0)
            request.Put(Native.RTA_DST, route.Destination.GetAddressBytes());
        if (route.Gateway is { } gateway && gateway.AddressFamily == route.Destination.AddressFamily)
            request.Put(Native.RTA_GATEWAY, gateway.GetAddressBytes());
        else if (route.Gateway is { } other)
            request.Put(Native.RTA_VIA, [.. BitConverter.GetBytes((ushort)LibC.AF_INET6), .. other.GetAddressBytes()]);
        if (route.Interface != 0)
            request.Put(Native.RTA_OIF, route.Interface);
        if (route.Metric != 0)
            request.Put(Native.RTA_PRIORITY, route.Metric);
        if (route.Source is { } source)
            request.Put(Native.RTA_PREFSRC, source.GetAddressBytes());
        if (route.Mtu == 0)
            return;
        using (request.Nest(Native.RTA_METRICS))
        {
            request.Put(Native.RTAX_MTU, route.Mtu);
            if (route.IsMtuLocked)
                request.Put(Native.RTAX_LOCK, 1u << Native.RTAX_MTU);
        }
    }

    /// <summary>Whether the message is about a route to a network with one of these addresses.</summary>
    public static bool Concerns(ReadOnlySpan<byte> payload, IReadOnlyCollection<IPAddress> addresses)
    {
        if (payload.Length < HeaderSize)
            return false;
        var header = MemoryMarshal.Read<Native.rtmsg>(payload);
        ReadOnlySpan<byte> network = header.rtm_family == LibC.AF_INET ? stackalloc byte[4] : stackalloc byte[16];
        foreach (var attribute in new NetlinkAttributes(payload[HeaderSize..]))
        {
            if (attribute.Type == Native.RTA_DST)
                network = attribute.Payload;
        }

        foreach (var address in addresses)
        {
            if (Contains(network, header.rtm_dst_len, address))
                return true;
        }

        return false;
    }

    /// <summary>Whether the address has the family and the leading bits of the network.</summary>
    public static bool Contains(ReadOnlySpan<byte> network, int prefixLength, IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        if (!address.TryWriteBytes(octets, out var length) || length != network.Length || prefixLength > length * 8)
            return false;
        var whole = prefixLength / 8;
        return network[..whole].SequenceEqual(octets[..whole])
            && (prefixLength % 8 == 0 || (network[whole] ^ octets[whole]) >> (8 - (prefixLength % 8)) == 0);
    }

    private static NetworkRoute With(NetworkRoute route, in NetlinkAttribute attribute) => attribute.Type switch
    {
        Native.RTA_DST when attribute.Address is { } destination => route with { Destination = destination },
        Native.RTA_GATEWAY when attribute.Address is { } gateway => route with { Gateway = gateway },
        Native.RTA_VIA when attribute.Payload.Length is 6 or 18 => route with { Gateway = new IPAddress(attribute.Payload[2..]) },
        Native.RTA_OIF => route with { Interface = attribute.UInt32 },
        Native.RTA_PRIORITY => route with { Metric = attribute.UInt32 },
        Native.RTA_PREFSRC when attribute.Address is { } source => route with { Source = source },
        Native.RTA_TABLE => route with { Table = attribute.UInt32 },
        Native.RTA_METRICS => route with { Mtu = ReadMtu(attribute.Nested) },
        _ => route,
    };

    private static uint ReadMtu(NetlinkAttributes metrics)
    {
        foreach (var metric in metrics)
        {
            if (metric.Type == Native.RTAX_MTU)
                return metric.UInt32;
        }

        return 0;
    }

    /// <summary>Reads consecutive struct rtnexthop with their attributes.</summary>
    private static void ReadHops(NetworkRoute route, ReadOnlySpan<byte> hops, ICollection<NetworkRoute> routes)
    {
        while (hops.Length >= NextHopSize)
        {
            var length = MemoryMarshal.Read<ushort>(hops);
            if (length < NextHopSize || length > hops.Length)
                return;
            var flags = hops[2];
            var hop = route with
            {
                Interface = MemoryMarshal.Read<uint>(hops[4..]),
                IsOnLink = (flags & Native.RTNH_F_ONLINK) != 0,
                IsUsable = route.IsUsable && (flags & Native.RTNH_F_DEAD) == 0,
            };
            foreach (var attribute in new NetlinkAttributes(hops[NextHopSize..length]))
                hop = With(hop, attribute);
            routes.Add(hop);
            hops = hops[Math.Min((length + 3) & ~3, hops.Length)..];
        }
    }
}
