using System.Buffers.Binary;

namespace L2tpd.Ppp.Data;

/// <summary>Addresses of an IP packet, for choosing and checking the link of a subscriber. Reads any octets without throwing.</summary>
public static class IpAddresses
{
    /// <summary>fe80::/64: the upper half of a link-local address (RFC 4291 section 2.5.6).</summary>
    private const ulong LinkLocalPrefix = 0xfe80_0000_0000_0000;

    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;

    /// <summary>4, 6, or 0 for what is neither or too short for its header.</summary>
    public static int VersionOf(ReadOnlySpan<byte> packet) => packet switch
    {
        { Length: >= Ipv4Header } when packet[0] >> 4 == 4 => 4,
        { Length: >= Ipv6Header } when packet[0] >> 4 == 6 => 6,
        _ => 0,
    };

    /// <summary>Source of an IPv4 packet.</summary>
    public static Ipv4Address Source4(ReadOnlySpan<byte> packet) => new(BinaryPrimitives.ReadUInt32BigEndian(packet[12..]));

    /// <summary>Destination of an IPv4 packet.</summary>
    public static Ipv4Address Destination4(ReadOnlySpan<byte> packet) => new(BinaryPrimitives.ReadUInt32BigEndian(packet[16..]));

    /// <summary>Identifier of an IPv6 packet's link-local source; 0: the source is not in fe80::/64.</summary>
    public static ulong SourceIdentifier(ReadOnlySpan<byte> packet) => IdentifierAt(packet[8..]);

    /// <summary>Identifier of an IPv6 packet's link-local destination; 0: the destination is not in fe80::/64.</summary>
    public static ulong DestinationIdentifier(ReadOnlySpan<byte> packet) => IdentifierAt(packet[24..]);

    /// <summary>Whether an IPv6 packet is for a multicast group of the link (RFC 4291 section 2.7), which no router forwards.</summary>
    public static bool IsLinkMulticast(ReadOnlySpan<byte> packet) => packet[24] == 0xff && (packet[25] & 0x0f) <= 2;

    private static ulong IdentifierAt(ReadOnlySpan<byte> address) =>
        BinaryPrimitives.ReadUInt64BigEndian(address) == LinkLocalPrefix ? BinaryPrimitives.ReadUInt64BigEndian(address[8..]) : 0;
}
