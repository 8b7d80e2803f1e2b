using System.Buffers.Binary;

namespace L2tpd.Linux.Offload;

/// <summary>
/// A packet as the kernel gave it to a TUN or TAP device: one packet, or a run of TCP segments in one piece (TSO), without checksums. This
/// type does the segmentation, one segment at a time into the buffers of the caller.
/// </summary>
public readonly ref struct SegmentedPacket
{
    private const int Ipv6Header = 40;
    private const int LeastIpv4Header = 20;
    private const int LeastTcpHeader = 20;
    private const byte Fin = 0x01;
    private const byte Push = 0x08;
    private const byte CongestionWindowReduced = 0x80;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly VirtioHeader _header;
    private readonly int _network;
    private readonly int _transport;
    private readonly int _payload;

    /// <summary>A packet without a virtio header.</summary>
    public SegmentedPacket(ReadOnlySpan<byte> packet)
    {
        _packet = packet;
        Count = 1;
    }

    private SegmentedPacket(ReadOnlySpan<byte> packet, VirtioHeader header) : this(packet) => _header = header;

    private SegmentedPacket(ReadOnlySpan<byte> packet, VirtioHeader header, int network, int payload)
    {
        _packet = packet;
        (_header, _network, _transport, _payload) = (header, network, header.ChecksumStart, payload);
        Count = Math.Max((packet.Length - payload + header.SegmentSize - 1) / header.SegmentSize, 1);
    }

    /// <summary>Number of segments, 1 or more.</summary>
    public int Count { get; }

    /// <summary>The whole packet. Use it for what all segments share: the addresses.</summary>
    public ReadOnlySpan<byte> Whole => _packet;

    private bool IsCut => _payload > 0;

    /// <summary>Parses what was read from a device.</summary>
    /// <param name="read">The virtio header and the packet.</param>
    /// <param name="isEthernet">Whether an Ethernet header precedes the IP header.</param>
    /// <param name="packet">The packet, valid while <paramref name="read"/> is.</param>
    /// <returns>False if header and packet do not match.</returns>
    public static bool TryParse(ReadOnlySpan<byte> read, bool isEthernet, out SegmentedPacket packet)
    {
        packet = default;
        if (read.Length <= VirtioHeader.Size)
            return false;
        var header = VirtioHeader.Read(read);
        var octets = read[VirtioHeader.Size..];
        if (header.Kind == VirtioHeader.None)
        {
            if (header.NeedsChecksum && header.ChecksumStart + header.ChecksumOffset + sizeof(ushort) > octets.Length)
                return false;
            packet = new SegmentedPacket(octets, header);
            return true;
        }

        if (!TryFindNetwork(octets, isEthernet, out var network) || !FitsHeaders(octets, header, network))
            return false;
        var payload = header.ChecksumStart + ((octets[header.ChecksumStart + 12] >> 4) * 4);
        if (payload < header.ChecksumStart + LeastTcpHeader || payload > octets.Length)
            return false;
        packet = new SegmentedPacket(octets, header, network, payload);
        return true;
    }

    /// <summary>Octets of one segment, including its headers.</summary>
    public int LengthOf(int index) => IsCut ? _payload + PayloadOf(index).Length : _packet.Length;

    /// <summary>Writes one segment, with its headers and checksums.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="to">At least <see cref="LengthOf"/> octets.</param>
    public void Write(int index, Span<byte> to)
    {
        if (!IsCut)
        {
            _packet.CopyTo(to);
            if (_header.NeedsChecksum)
                CompleteChecksum(to[.._packet.Length]);
            return;
        }

        var payload = PayloadOf(index);
        _packet[.._payload].CopyTo(to);
        payload.CopyTo(to[_payload..]);
        var segment = to[_network..(_payload + payload.Length)];
        FinishNetwork(segment, index);
        FinishTcp(segment, segment[(_transport - _network)..], index);
    }

    private ReadOnlySpan<byte> PayloadOf(int index)
    {
        var start = _payload + (index * _header.SegmentSize);
        return _packet[start..Math.Min(start + _header.SegmentSize, _packet.Length)];
    }

    /// <summary>Completes the checksum: its field contains the sum of the pseudo-header.</summary>
    private void CompleteChecksum(Span<byte> packet)
    {
        var range = packet[_header.ChecksumStart..];
        var checksum = range.Slice(_header.ChecksumOffset, sizeof(ushort));
        InternetChecksum.Write(checksum, InternetChecksum.Sum(range));
        // 0 in the field of UDP means that there is no checksum. The other zero is equal to it (RFC 768).
        if (checksum is [0, 0])
            checksum.Fill(0xff);
    }

    private static void FinishNetwork(Span<byte> segment, int index)
    {
        if (segment[0] >> 4 == 6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)(segment.Length - Ipv6Header));
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], (ushort)segment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(segment[4..]) + index));
        var header = segment[..((segment[0] & 0x0f) * 4)];
        header[10..12].Clear();
        InternetChecksum.Write(header[10..], InternetChecksum.Sum(header));
    }

    private void FinishTcp(ReadOnlySpan<byte> network, Span<byte> tcp, int index)
    {
        var sequence = BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]) + ((uint)index * _header.SegmentSize);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        if (index < Count - 1)
            tcp[13] &= unchecked((byte)~(Fin | Push));
        if (index > 0)
            tcp[13] &= unchecked((byte)~CongestionWindowReduced);
        tcp[16..18].Clear();
        InternetChecksum.Write(tcp[16..], InternetChecksum.SumPseudoHeader(network, tcp.Length) + InternetChecksum.Sum(tcp));
    }

    private static bool TryFindNetwork(ReadOnlySpan<byte> packet, bool isEthernet, out int network)
    {
        network = 0;
        if (!isEthernet)
            return true;
        // After up to two VLAN tags.
        for (network = 14; network <= 22 && packet.Length > network; network += 4)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(packet[(network - 2)..]) is not (0x8100 or 0x88a8))
                return true;
        }

        return false;
    }

    private static bool FitsHeaders(ReadOnlySpan<byte> packet, VirtioHeader header, int network)
    {
        int tcp = header.ChecksumStart;
        if (header.SegmentSize == 0 || tcp + LeastTcpHeader > packet.Length)
            return false;
        var version = packet[network] >> 4;
        var ipv4Header = (packet[network] & 0x0f) * 4;
        return header.Kind switch
        {
            VirtioHeader.TcpIpv4 => version == 4 && ipv4Header >= LeastIpv4Header && ipv4Header <= tcp - network,
            VirtioHeader.TcpIpv6 => version == 6 && tcp - network >= Ipv6Header,
            _ => false,
        };
    }
}
