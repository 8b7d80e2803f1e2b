using System.Net;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>A route.</summary>
/// <param name="Destination">The network's address.</param>
/// <param name="PrefixLength">Of the network; 0: everything.</param>
/// <param name="Gateway">The next router, of either family; null: none, the destination is on the link.</param>
/// <param name="Interface">Interface index.</param>
public sealed record NetworkRoute(IPAddress Destination, int PrefixLength, IPAddress? Gateway, uint Interface)
{
    /// <summary>The table that is looked into where no rule says otherwise.</summary>
    public const uint MainTable = 254;

    /// <summary>The table of the machine's own addresses.</summary>
    public const uint LocalTable = 255;

    /// <summary>Which table.</summary>
    public uint Table { get; init; } = MainTable;

    /// <summary>Who made it (rtm_protocol): 2 the kernel, 4 an administrator, 16 DHCP, ...</summary>
    public byte Protocol { get; init; } = Native.RTPROT_STATIC;

    /// <summary>Of two to one destination the lower counts.</summary>
    public uint Metric { get; init; }

    /// <summary>The source address packets get where the sender chose none; null: by the interface.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Largest packet, octets; 0: the interface's.</summary>
    public uint Mtu { get; init; }

    /// <summary>The router is on the link though no network there says so.</summary>
    public bool IsOnLink { get; init; }

    /// <summary>It leads somewhere: it is no "unreachable", and its interface is up.</summary>
    public bool IsUsable { get; init; } = true;

    /// <summary>The network has this address.</summary>
    public bool Contains(IPAddress address) => RouteMessages.Contains(Destination.GetAddressBytes(), PrefixLength, address);
}
