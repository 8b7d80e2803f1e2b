using System.Buffers.Binary;

namespace L2tpd.Unit.Tests.Linux.Offload;

/// <summary>Makes and checks TCP packets by the RFCs, with a checksum implementation of its own.</summary>
internal static class TcpPackets
{
    public const byte Ack = 0x10;
    public const byte Push = 0x08;
    public const byte Fin = 0x01;

    /// <summary>A packet with correct checksums.</summary>
    public static byte[] Make(
        bool ipv6, byte[] payload, uint sequence = 1000, byte flags = Ack, ushort id = 7, ushort port = 4000, int options = 12,
        byte[]? link = null)
    {
        link ??= [];
        var network = ipv6 ? 40 : 20;
        var tcp = 20 + options;
        var frame = new byte[link.Length + network + tcp + payload.Length];
        link.CopyTo(frame, 0);
        var packet = frame.AsSpan(link.Length);
        if (ipv6)
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(tcp + payload.Length));
            packet[6] = 6;
            packet[7] = 64;
            packet.Slice(8, 32).Fill(0x2b);
        }
        else
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], id);
            packet[6] = 0x40;
            packet[8] = 64;
            packet[9] = 6;
            new byte[] { 10, 9, 0, 1, 10, 9, 0, 2 }.CopyTo(packet[12..]);
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], (ushort)~Sum(packet[..20]));
        }

        var segment = packet[network..];
        BinaryPrimitives.WriteUInt16BigEndian(segment, port);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], 5201);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment[8..], 99);
        segment[12] = (byte)(tcp / 4 << 4);
        segment[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment[14..], 512);
        segment.Slice(20, options).Fill(1);
        payload.CopyTo(segment[tcp..]);
        BinaryPrimitives.WriteUInt16BigEndian(segment[16..], (ushort)~SumOfTcp(packet, network));
        return frame;
    }

    /// <summary>Whether both checksums are correct.</summary>
    public static bool IsSound(ReadOnlySpan<byte> packet)
    {
        var network = packet[0] >> 4 == 6 ? 40 : 20;
        return (network == 40 || Sum(packet[..20]) == 0xffff) && SumOfTcp(packet, network) == 0xffff;
    }

    public static byte[] Octets(Random random, int count)
    {
        var octets = new byte[count];
        random.NextBytes(octets);
        return octets;
    }

    /// <summary>
    /// The packet as a kernel gives it to a device that does segmentation: one long payload, and the pseudo-header's sum as checksum.
    /// </summary>
    public static byte[] Whole(byte[] packet, int link, ushort segmentSize, byte kind)
    {
        var network = packet[link] >> 4 == 6 ? 40 : 20;
        var read = new byte[10 + packet.Length];
        read[0] = 1;
        read[1] = kind;
        BitConverter.TryWriteBytes(read.AsSpan(4), segmentSize);
        BitConverter.TryWriteBytes(read.AsSpan(6), (ushort)(link + network));
        BitConverter.TryWriteBytes(read.AsSpan(8), (ushort)16);
        packet.CopyTo(read, 10);
        BinaryPrimitives.WriteUInt16BigEndian(read.AsSpan(10 + link + network + 16), SumOfPseudoHeader(packet.AsSpan(link), network));
        return read;
    }

    private static ushort SumOfTcp(ReadOnlySpan<byte> packet, int network) => Sum(packet[network..], SumOfPseudoHeader(packet, network));

    private static ushort SumOfPseudoHeader(ReadOnlySpan<byte> packet, int network) =>
        Sum(network == 40 ? packet.Slice(8, 32) : packet.Slice(12, 8), 6 + (uint)(packet.Length - network));

    private static ushort Sum(ReadOnlySpan<byte> octets, uint sum = 0)
    {
        for (var i = 0; i < octets.Length; i++)
            sum += (i & 1) == 0 ? (uint)octets[i] << 8 : octets[i];
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)sum;
    }
}
