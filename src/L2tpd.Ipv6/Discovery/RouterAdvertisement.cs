using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Discovery;

/// <summary>
/// A router advertisement (RFC 4861 section 4.2) with the options of a PPP link. There is no Source Link-Layer Address: PPP has none.
/// Lifetimes are in seconds.
/// </summary>
public sealed record RouterAdvertisement
{
    /// <summary>Longest packet: what every link of IPv6 carries (RFC 8200 section 5). Options that do not fit are left out.</summary>
    public const int LargestPacket = 1280;

    /// <summary>Length of a prefix from which hosts make their addresses (RFC 4862 section 5.5.3).</summary>
    public const int AutonomousLength = 64;

    private const int Header = 16;
    private const byte ManagedFlag = 0x80;
    private const byte OtherFlag = 0x40;

    /// <summary>Hop limit that hosts use.</summary>
    public byte HopLimit { get; init; } = 64;

    /// <summary>Addresses come from DHCPv6 (M).</summary>
    public bool IsManaged { get; init; }

    /// <summary>Other settings come from DHCPv6 (O).</summary>
    public bool HasOtherSettings { get; init; }

    /// <summary>How long we are a default router; 0: we are none.</summary>
    public ushort RouterLifetime { get; init; }

    /// <summary>Prefixes of /64 from which the peer makes addresses. They are not on the link (L is clear): everything comes to us.
    /// </summary>
    public ImmutableArray<AdvertisedPrefix> Prefixes { get; init; } = [];

    /// <summary>Name servers (RFC 8106 section 5.1).</summary>
    public ImmutableArray<Ipv6Address> Dns { get; init; } = [];

    /// <summary>Domains to search (RFC 8106 section 5.2), as labels with dots.</summary>
    public ImmutableArray<string> DomainSearch { get; init; } = [];

    /// <summary>How long name servers and domains may be used.</summary>
    public uint DnsLifetime { get; init; }

    /// <summary>Networks that are reached by us (RFC 4191 section 2.3).</summary>
    public ImmutableArray<IPNetwork> Routes { get; init; } = [];

    /// <summary>How long the routes may be used.</summary>
    public uint RouteLifetime { get; init; }

    /// <summary>MTU of the link, octets; 0: not said.</summary>
    public uint Mtu { get; init; }

    /// <summary>Writes the whole packet.</summary>
    /// <param name="packet"><see cref="LargestPacket"/> octets.</param>
    /// <param name="source">Our link-local address.</param>
    /// <param name="destination">The peer, or all nodes.</param>
    /// <returns>Its length.</returns>
    public int Write(Span<byte> packet, Ipv6Address source, Ipv6Address destination)
    {
        packet = packet[..LargestPacket];
        packet.Clear();
        var message = packet[Ipv6Packet.HeaderSize..];
        message[0] = DiscoveryType.RouterAdvertisement;
        message[4] = HopLimit;
        message[5] = (byte)((IsManaged ? ManagedFlag : 0) | (HasOtherSettings ? OtherFlag : 0));
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], RouterLifetime);
        var options = new AdvertisementOptions(message[Header..]);
        foreach (var prefix in Prefixes)
            options.Prefix(prefix);
        if (!Dns.IsEmpty)
            options.Dns(Dns, DnsLifetime);
        if (!DomainSearch.IsEmpty)
            options.DomainSearch(DomainSearch, DnsLifetime);
        if (Mtu > 0)
            options.Mtu(Mtu);
        foreach (var route in Routes)
            options.Route(route, RouteLifetime);
        packet = packet[..(Ipv6Packet.HeaderSize + Header + options.Length)];
        Ipv6Packet.CompleteIcmpv6(packet, source, destination, byte.MaxValue);
        return packet.Length;
    }
}

/// <summary>A prefix of /64 for the peer's addresses.</summary>
/// <param name="Prefix">The prefix.</param>
/// <param name="ValidLifetime">How long its addresses may be used, seconds.</param>
/// <param name="PreferredLifetime">How long new connections use them, seconds.</param>
public sealed record AdvertisedPrefix(IPNetwork Prefix, uint ValidLifetime, uint PreferredLifetime);
