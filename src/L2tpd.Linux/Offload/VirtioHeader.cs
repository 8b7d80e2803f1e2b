using System.Runtime.InteropServices;

namespace L2tpd.Linux.Offload;

/// <summary>
/// struct virtio_net_hdr in the byte order of the machine: precedes each packet of a TUN or TAP device with IFF_VNET_HDR and says what is
/// left to do for the packet.
/// </summary>
/// <param name="Flags">VIRTIO_NET_HDR_F_NEEDS_CSUM or 0.</param>
/// <param name="Segmentation">VIRTIO_NET_HDR_GSO_*.</param>
/// <param name="HeaderLength">Octets of all headers.</param>
/// <param name="SegmentSize">Payload octets per segment.</param>
/// <param name="ChecksumStart">Start of the range of the checksum.</param>
/// <param name="ChecksumOffset">Offset of the checksum from there.</param>
internal readonly record struct VirtioHeader(
    byte Flags, byte Segmentation, ushort HeaderLength, ushort SegmentSize, ushort ChecksumStart, ushort ChecksumOffset)
{
    public const int Size = 10;
    public const byte NeedsChecksumFlag = 1;
    public const byte None = 0;
    public const byte TcpIpv4 = 1;
    public const byte TcpIpv6 = 4;

    /// <summary>VIRTIO_NET_HDR_GSO_ECN: the first segment carries CWR.</summary>
    private const byte Ecn = 0x80;

    public bool NeedsChecksum => (Flags & NeedsChecksumFlag) != 0;

    /// <summary>The kind of segmentation, without the ECN flag.</summary>
    public byte Kind => (byte)(Segmentation & ~Ecn);

    public static VirtioHeader Read(ReadOnlySpan<byte> header) => new(
        header[0], header[1],
        MemoryMarshal.Read<ushort>(header[2..]), MemoryMarshal.Read<ushort>(header[4..]), MemoryMarshal.Read<ushort>(header[6..]),
        MemoryMarshal.Read<ushort>(header[8..]));

    public void Write(Span<byte> header)
    {
        header[0] = Flags;
        header[1] = Segmentation;
        MemoryMarshal.Write(header[2..], HeaderLength);
        MemoryMarshal.Write(header[4..], SegmentSize);
        MemoryMarshal.Write(header[6..], ChecksumStart);
        MemoryMarshal.Write(header[8..], ChecksumOffset);
    }
}
