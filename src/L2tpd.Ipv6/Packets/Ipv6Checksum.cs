using System.Buffers.Binary;

namespace L2tpd.Ipv6.Packets;

/// <summary>The checksum of ICMPv6 and UDP, with the pseudo-header (RFC 8200 section 8.1, RFC 4443 section 2.3).</summary>
public static class Ipv6Checksum
{
    private const int Addresses = 2 * Ipv6Address.Size;
    private const int AddressesAt = 8;

    /// <summary>The checksum of a packet's payload, of which the checksum field is 0.</summary>
    /// <param name="header">The IPv6 header; only its addresses are read.</param>
    /// <param name="nextHeader">The protocol of the payload, which is not that of the header behind extension headers.</param>
    /// <param name="payload">ICMPv6 message, or UDP header and data; at most 65,535 octets.</param>
    public static ushort Compute(ReadOnlySpan<byte> header, byte nextHeader, ReadOnlySpan<byte> payload) =>
        (ushort)~Sum(header, nextHeader, payload);

    /// <summary>Whether the checksum that is in the payload is right.</summary>
    /// <inheritdoc cref="Compute"/>
    public static bool IsValid(ReadOnlySpan<byte> header, byte nextHeader, ReadOnlySpan<byte> payload) =>
        Sum(header, nextHeader, payload) == ushort.MaxValue;

    private static ushort Sum(ReadOnlySpan<byte> header, byte nextHeader, ReadOnlySpan<byte> payload)
    {
        var sum = (ulong)payload.Length + nextHeader;
        sum = Add(sum, header.Slice(AddressesAt, Addresses));
        sum = Add(sum, payload);
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)sum;
    }

    private static ulong Add(ulong sum, ReadOnlySpan<byte> octets)
    {
        for (; octets.Length >= sizeof(uint); octets = octets[sizeof(uint)..])
            sum += BinaryPrimitives.ReadUInt32BigEndian(octets);
        if (octets.Length >= sizeof(ushort))
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets);
            octets = octets[sizeof(ushort)..];
        }

        return octets.IsEmpty ? sum : sum + ((ulong)octets[0] << 8);
    }
}
