using System.Buffers.Binary;

namespace L2tpd.Linux.Offload;

/// <summary>The offsets of a TCP segment that may be joined with the one before it.</summary>
/// <param name="Network">Offset of the IP header.</param>
/// <param name="Tcp">Offset of the TCP header.</param>
/// <param name="Payload">Offset of the payload.</param>
/// <param name="Length">Octets of the frame.</param>
internal readonly record struct TcpFrame(int Network, int Tcp, int Payload, int Length)
{
    private const int EthernetHeader = 14;
    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;
    private const int LeastTcpHeader = 20;
    private const byte TcpProtocol = 6;
    private const byte Push = 0x08;
    private const byte Acknowledge = 0x10;

    public int PayloadLength => Length - Payload;

    public bool IsIpv6 => Tcp - Network == Ipv6Header;

    /// <summary>
    /// Accepts a frame that is one complete, valid TCP segment with data: no IP options, no fragment, no flags except ACK and PSH, both
    /// checksums correct. A joined segment is not checked again, so this checks it.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, bool isEthernet, out TcpFrame found)
    {
        found = default;
        var network = isEthernet ? EthernetHeader : 0;
        if (frame.Length < network + Ipv4Header + LeastTcpHeader)
            return false;
        var packet = frame[network..];
        var ipv6 = packet[0] >> 4 == 6;
        if (isEthernet && BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != (ipv6 ? 0x86dd : 0x0800))
            return false;
        var isPlain = ipv6 ? IsPlainIpv6(packet) : IsPlainIpv4(packet);
        if (!isPlain)
            return false;
        var tcp = ipv6 ? Ipv6Header : Ipv4Header;
        var header = (packet[tcp + 12] >> 4) * 4;
        found = new TcpFrame(network, network + tcp, network + tcp + header, frame.Length);
        if (header < LeastTcpHeader || found.PayloadLength <= 0 || (packet[tcp + 13] & ~Push) != Acknowledge)
            return false;
        var sum = InternetChecksum.SumPseudoHeader(packet, packet.Length - tcp) + InternetChecksum.Sum(packet[tcp..]);
        return InternetChecksum.Fold(sum) == 0xffff;
    }

    public uint Sequence(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32BigEndian(frame[(Tcp + 4)..]);

    public bool IsPush(ReadOnlySpan<byte> frame) => (frame[Tcp + 13] & Push) != 0;

    /// <summary>Whether the headers are equal, except lengths, sequence numbers, checksums and PSH.</summary>
    public bool HasSameHeaders(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> other)
    {
        var (network, tcp) = (Network, Tcp);
        var sameNetwork = IsIpv6
            ? Same(frame, other, 0, network + 4) && Same(frame, other, network + 6, tcp)
            : Same(frame, other, 0, network + 2) && Same(frame, other, network + 6, network + 10) && Same(frame, other, network + 12, tcp);
        // Ports; acknowledgement and data offset; window; urgent pointer and options.
        return sameNetwork
            && Same(frame, other, tcp, tcp + 4) && Same(frame, other, tcp + 8, tcp + 13) && Same(frame, other, tcp + 14, tcp + 16)
            && Same(frame, other, tcp + 18, Payload);
    }

    private static bool Same(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> other, int from, int to) =>
        frame[from..to].SequenceEqual(other[from..to]);

    private static bool IsPlainIpv4(ReadOnlySpan<byte> packet) =>
        packet[0] == 0x45 && packet[9] == TcpProtocol && BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) == packet.Length
        && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0xbfff) == 0
        && InternetChecksum.Fold(InternetChecksum.Sum(packet[..Ipv4Header])) == 0xffff;

    private static bool IsPlainIpv6(ReadOnlySpan<byte> packet) =>
        packet.Length >= Ipv6Header + LeastTcpHeader && packet[6] == TcpProtocol
        && BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) == packet.Length - Ipv6Header;
}
