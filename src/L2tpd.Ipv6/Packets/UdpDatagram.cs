using System.Buffers.Binary;

namespace L2tpd.Ipv6.Packets;

/// <summary>A received UDP datagram over IPv6 (RFC 768, RFC 8200 section 8.1).</summary>
public readonly ref struct UdpDatagram
{
    /// <summary>Octets of the UDP header.</summary>
    public const int HeaderSize = 8;

    private const int LengthAt = 4;
    private const int ChecksumAt = 6;

    private UdpDatagram(ushort sourcePort, ushort destinationPort, ReadOnlySpan<byte> data)
    {
        (SourcePort, DestinationPort) = (sourcePort, destinationPort);
        Data = data;
    }

    public ushort SourcePort { get; }

    public ushort DestinationPort { get; }

    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Reads the datagram of a packet, and verifies its checksum.</summary>
    /// <returns>False if the packet is not UDP, its lengths disagree, or its checksum is missing or wrong.</returns>
    public static bool TryParse(in Ipv6Packet packet, out UdpDatagram datagram)
    {
        datagram = default;
        var payload = packet.Payload;
        if (packet.NextHeader != Ipv6Protocols.Udp || payload.Length < HeaderSize)
            return false;
        if (BinaryPrimitives.ReadUInt16BigEndian(payload[LengthAt..]) != payload.Length)
            return false;
        // Without a checksum the datagram is not valid over IPv6.
        if (BinaryPrimitives.ReadUInt16BigEndian(payload[ChecksumAt..]) == 0 || !packet.HasValidChecksum)
            return false;
        datagram = new UdpDatagram(
            BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt16BigEndian(payload[2..]), payload[HeaderSize..]);
        return true;
    }

    internal static void WriteHeader(Span<byte> packet, ushort sourcePort, ushort destinationPort)
    {
        var payload = packet[Ipv6Packet.HeaderSize..];
        BinaryPrimitives.WriteUInt16BigEndian(payload, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(payload[LengthAt..], (ushort)payload.Length);
        payload.Slice(ChecksumAt, sizeof(ushort)).Clear();
        var checksum = Ipv6Checksum.Compute(packet, Ipv6Protocols.Udp, payload);
        // 0 would mean "no checksum".
        BinaryPrimitives.WriteUInt16BigEndian(payload[ChecksumAt..], checksum == 0 ? ushort.MaxValue : checksum);
    }
}
