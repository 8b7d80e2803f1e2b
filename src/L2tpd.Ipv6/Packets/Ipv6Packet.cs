using System.Buffers.Binary;

namespace L2tpd.Ipv6.Packets;

/// <summary>A received IPv6 packet without extension headers, as the link's own packets are (RFC 8200 section 3).</summary>
/// <remarks>
/// To write a packet, put the ICMPv6 message or the UDP data behind the space for the headers, and call <see cref="CompleteIcmpv6"/> or
/// <see cref="CompleteUdp"/>.
/// </remarks>
public readonly ref struct Ipv6Packet
{
    /// <summary>Octets of the IPv6 header: where an ICMPv6 message begins.</summary>
    public const int HeaderSize = 40;

    /// <summary>Octets of both headers: where UDP data begin.</summary>
    public const int UdpDataOffset = HeaderSize + UdpDatagram.HeaderSize;

    private const int PayloadLengthAt = 4;
    private const int NextHeaderAt = 6;
    private const int HopLimitAt = 7;
    private const int SourceAt = 8;
    private const int DestinationAt = 24;
    private const int Icmpv6ChecksumAt = 2;
    private const byte Version6 = 0x60;

    private Ipv6Packet(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Header = header;
        Payload = payload;
    }

    /// <summary>The header's 40 octets.</summary>
    public ReadOnlySpan<byte> Header { get; }

    /// <summary>What follows the header, as long as the header says.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The protocol of the payload: <see cref="Ipv6Protocols"/>.</summary>
    public byte NextHeader => Header[NextHeaderAt];

    public byte HopLimit => Header[HopLimitAt];

    public Ipv6Address Source => Ipv6Address.Read(Header[SourceAt..]);

    public Ipv6Address Destination => Ipv6Address.Read(Header[DestinationAt..]);

    /// <summary>Whether the payload's checksum is right.</summary>
    public bool HasValidChecksum => Ipv6Checksum.IsValid(Header, NextHeader, Payload);

    /// <summary>Reads a packet.</summary>
    /// <param name="octets">Any octets; what exceeds the header's payload length is ignored.</param>
    /// <param name="packet">The packet.</param>
    /// <returns>False if it is not version 6, or shorter than its header says.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, out Ipv6Packet packet)
    {
        packet = default;
        if (octets.Length < HeaderSize || octets[0] >> 4 != 6)
            return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(octets[PayloadLengthAt..]);
        if (length > octets.Length - HeaderSize)
            return false;
        packet = new Ipv6Packet(octets[..HeaderSize], octets.Slice(HeaderSize, length));
        return true;
    }

    /// <summary>Writes the header and the checksum of an ICMPv6 message that is at <see cref="HeaderSize"/>.</summary>
    /// <param name="buffer">Header and message; nothing else.</param>
    /// <param name="source">Source address.</param>
    /// <param name="destination">Destination address.</param>
    /// <param name="hopLimit">255 for discovery (RFC 4861 section 6.1).</param>
    public static void CompleteIcmpv6(Span<byte> buffer, Ipv6Address source, Ipv6Address destination, byte hopLimit)
    {
        WriteHeader(buffer, Ipv6Protocols.Icmpv6, source, destination, hopLimit);
        var checksum = buffer.Slice(HeaderSize + Icmpv6ChecksumAt, sizeof(ushort));
        checksum.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(checksum, Ipv6Checksum.Compute(buffer, Ipv6Protocols.Icmpv6, buffer[HeaderSize..]));
    }

    /// <summary>Writes both headers before UDP data that are at <see cref="UdpDataOffset"/>.</summary>
    /// <param name="buffer">Headers and data; nothing else.</param>
    /// <param name="source">Source address.</param>
    /// <param name="sourcePort">Source port.</param>
    /// <param name="destination">Destination address.</param>
    /// <param name="destinationPort">Destination port.</param>
    /// <param name="hopLimit">Hop limit.</param>
    public static void CompleteUdp(
        Span<byte> buffer, Ipv6Address source, ushort sourcePort, Ipv6Address destination, ushort destinationPort, byte hopLimit)
    {
        WriteHeader(buffer, Ipv6Protocols.Udp, source, destination, hopLimit);
        UdpDatagram.WriteHeader(buffer, sourcePort, destinationPort);
    }

    private static void WriteHeader(Span<byte> buffer, byte nextHeader, Ipv6Address source, Ipv6Address destination, byte hopLimit)
    {
        buffer[..PayloadLengthAt].Clear();
        buffer[0] = Version6;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[PayloadLengthAt..], (ushort)(buffer.Length - HeaderSize));
        buffer[NextHeaderAt] = nextHeader;
        buffer[HopLimitAt] = hopLimit;
        source.Write(buffer[SourceAt..]);
        destination.Write(buffer[DestinationAt..]);
    }
}
