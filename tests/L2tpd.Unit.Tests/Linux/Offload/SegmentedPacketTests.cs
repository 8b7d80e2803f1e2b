using System.Buffers.Binary;
using L2tpd.Linux.Offload;
using L2tpd.Unit.Tests.Engine;

namespace L2tpd.Unit.Tests.Linux.Offload;

/// <summary>A packet that the kernel gives to a device with offloads, segmented as the device would do it.</summary>
public sealed class SegmentedPacketTests
{
    private const byte TcpIpv4 = 1;
    private const byte TcpIpv6 = 4;

    private static readonly byte[] Ethernet4 = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    private static readonly byte[] Tagged6 = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0, 5, 0x86, 0xdd];

    public static TheoryData<bool, int> Links => new() { { false, 0 }, { true, 0 }, { false, 14 }, { true, 18 } };

    [Theory]
    [MemberData(nameof(Links))]
    public void A_run_is_cut_into_sound_segments(bool ipv6, int link)
    {
        var payload = TcpPackets.Octets(new Random(5), 5_000);
        var packet = Make(ipv6, link, payload, TcpPackets.Ack | TcpPackets.Push | TcpPackets.Fin);
        Assert.True(SegmentedPacket.TryParse(TcpPackets.Whole(packet, link, 1_348, ipv6 ? TcpIpv6 : TcpIpv4), link > 0, out var run));
        Assert.Equal(4, run.Count);
        var joined = new List<byte>();
        for (var i = 0; i < run.Count; i++)
        {
            var segment = new byte[run.LengthOf(i)];
            run.Write(i, segment);
            var size = i < 3 ? 1_348 : 5_000 - (3 * 1_348);
            // Each equals the packet that a kernel without offloads would have sent.
            var isLast = i == 3;
            var expected = Make(
                ipv6, link, payload.AsSpan(i * 1_348, size).ToArray(),
                isLast ? TcpPackets.Ack | TcpPackets.Push | TcpPackets.Fin : TcpPackets.Ack,
                (uint)(1000 + (i * 1_348)), (ushort)(7 + i));
            Assert.True(TcpPackets.IsSound(segment.AsSpan(link)), $"segment {i}");
            Assert.Equal(expected, segment);
            joined.AddRange(segment.AsSpan(segment.Length - size).ToArray());
        }

        Assert.Equal(payload, joined);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1_348, 1)]
    [InlineData(1_349, 2)]
    [InlineData(2_696, 2)]
    [InlineData(65_000, 49)]
    public void Segments_are_counted(int payload, int count)
    {
        var packet = TcpPackets.Make(false, new byte[payload]);
        Assert.True(SegmentedPacket.TryParse(TcpPackets.Whole(packet, 0, 1_348, TcpIpv4), false, out var run));
        Assert.Equal(count, run.Count);
    }

    [Fact]
    public void A_single_packet_gets_the_checksum_that_was_left_to_the_device()
    {
        var packet = TcpPackets.Make(false, [1, 2, 3], options: 0);
        Assert.True(SegmentedPacket.TryParse(TcpPackets.Whole(packet, 0, 0, 0), false, out var single));
        Assert.Equal(1, single.Count);
        var written = new byte[single.LengthOf(0)];
        single.Write(0, written);
        Assert.Equal(packet, written);
    }

    [Fact]
    public void A_checksum_of_zero_is_written_as_the_other_zero()
    {
        // All ones have the complement 0, which means "none" in UDP.
        byte[] read = [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xff, 0xff, 0, 0];
        Assert.True(SegmentedPacket.TryParse(read, false, out var packet));
        var written = new byte[4];
        packet.Write(0, written);
        Assert.Equal([0xff, 0xff, 0xff, 0xff], written);
    }

    [Fact]
    public void A_packet_with_nothing_left_to_do_is_passed_on()
    {
        Assert.True(SegmentedPacket.TryParse([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 8, 7], false, out var packet));
        var written = new byte[packet.LengthOf(0)];
        packet.Write(0, written);
        Assert.Equal([9, 8, 7], written);
    }

    [Fact]
    public void Headers_that_do_not_fit_are_refused_and_nothing_throws() => Seeds.ForEach(20, static seed =>
    {
        var random = new Random((int)seed);
        var refused = 0;
        for (var round = 0; round < 1_000; round++)
        {
            var (ipv6, link) = (random.Next(2) == 0, random.Next(2) * 14);
            var packet = Make(ipv6, link, new byte[random.Next(3_000)], TcpPackets.Ack);
            var whole = TcpPackets.Whole(packet, link, (ushort)random.Next(1, 1_500), ipv6 ? TcpIpv6 : TcpIpv4);
            var read = whole[..random.Next(1, packet.Length + 11)];
            for (var i = random.Next(4); i > 0; i--)
                read[random.Next(Math.Min(read.Length, 60))] = (byte)random.Next(256);
            if (!SegmentedPacket.TryParse(read, link > 0, out var run))
                refused++;
            for (var i = 0; i < run.Count; i++)
                run.Write(i, new byte[run.LengthOf(i)]);
        }

        Assert.InRange(refused, 10, 990);
    });

    private static byte[] Make(bool ipv6, int link, byte[] payload, int flags, uint sequence = 1000, ushort id = 7) =>
        TcpPackets.Make(ipv6, payload, sequence, (byte)flags, id, link: LinkHeader(ipv6, link));

    private static byte[] LinkHeader(bool ipv6, int link)
    {
        if (link == 18)
            return Tagged6;
        if (link == 0)
            return [];
        byte[] header = [.. Ethernet4];
        if (ipv6)
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(12), 0x86dd);
        return header;
    }
}
