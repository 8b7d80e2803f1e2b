using System.Net;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>A route.</summary>
/// <param name="Destination">The network's address.</param>
/// <param name="PrefixLength">Prefix length of the network; 0: the default route.</param>
/// <param name="Gateway">The next router, of either family; <c>null</c>: the destination is on the link.</param>
/// <param name="Interface">Interface index; 0 for an unreachable destination.</param>
public sealed record NetworkRoute(IPAddress Destination, int PrefixLength, IPAddress? Gateway, uint Interface)
{
    /// <summary>The table that is used if no rule selects another (RT_TABLE_MAIN).</summary>
    public const uint MainTable = 254;

    /// <summary>The table of the machine's own addresses (RT_TABLE_LOCAL).</summary>
    public const uint LocalTable = 255;

    /// <summary>The routing table.</summary>
    public uint Table { get; init; } = MainTable;

    /// <summary>The origin (rtm_protocol): 2 kernel, 4 administrator, 16 DHCP, ...</summary>
    public byte Protocol { get; init; } = Native.RTPROT_STATIC;

    /// <summary>The metric: of two routes to one destination, the lower one counts.</summary>
    public uint Metric { get; init; }

    /// <summary>The source address of packets whose sender chose none; <c>null</c>: decided by the interface.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Largest packet, octets; 0: the MTU of the interface.</summary>
    public uint Mtu { get; init; }

    /// <summary>
    /// Whether discovery of the path's MTU cannot change <see cref="Mtu"/>. Without it, the kernel ignores the MTU of an IPv6 route when it
    /// forwards. Not read from the kernel.
    /// </summary>
    public bool IsMtuLocked { get; init; }

    /// <summary>Whether the router is on the link although no network there contains it.</summary>
    public bool IsOnLink { get; init; }

    /// <summary>Whether senders get "destination unreachable" (RTN_UNREACHABLE).</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>Whether packets can be sent: the route is not "unreachable", and its interface is up.</summary>
    public bool IsUsable { get; init; } = true;

    /// <summary>Whether the network contains an address.</summary>
    public bool Contains(IPAddress address) => RouteMessages.Contains(Destination.GetAddressBytes(), PrefixLength, address);
}
