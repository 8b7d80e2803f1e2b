using System.Buffers.Binary;

namespace L2tpd.Ppp.Data;

/// <summary>
/// Recognises the IPv6 packets by which a link is configured: router and neighbour discovery (RFC 4861) and DHCPv6 (RFC 8415). A network
/// layer of the session may claim them out of the data path; everything else is data. Reads any octets without throwing.
/// </summary>
public static class Ipv6Control
{
    /// <summary>Where the IPv6 header says what follows it.</summary>
    public const int NextHeaderAt = 6;

    private const int Header = 40;
    private const int TransportHeader = 8;
    private const byte Icmpv6 = 58;
    private const byte Udp = 17;

    // RFC 4861 section 4: router solicitation to redirect.
    private const byte FirstType = 133;
    private const byte LastType = 137;

    // RFC 8415 section 7.2.
    private const int ClientPort = 546;
    private const int ServerPort = 547;

    /// <summary>
    /// Whether the packet configures the link: discovery that never passed a router (hop limit 255, RFC 4861 section 6.1), or DHCPv6
    /// between the two ends. Packets with extension headers are not (RFC 6980 forbids fragments, and nothing else is in use).
    /// </summary>
    public static bool IsControl(ReadOnlySpan<byte> packet) =>
        packet.Length >= Header + TransportHeader && packet[0] >> 4 == 6 && IsOfLink(packet) && packet[NextHeaderAt] switch
        {
            Icmpv6 => packet[7] == byte.MaxValue && packet[Header] is >= FirstType and <= LastType,
            Udp => BinaryPrimitives.ReadUInt16BigEndian(packet[(Header + 2)..]) is ClientPort or ServerPort,
            _ => false,
        };

    // From a link-local address or none, to a link-local address or a multicast group of the link (RFC 4291 section 2.7).
    private static bool IsOfLink(ReadOnlySpan<byte> packet) =>
        (IpAddresses.SourceIdentifier(packet) != 0 || packet[8..24].IndexOfAnyExcept((byte)0) < 0)
        && (IpAddresses.DestinationIdentifier(packet) != 0 || (packet[24] == 0xff && (packet[25] & 0x0f) == 2));
}
