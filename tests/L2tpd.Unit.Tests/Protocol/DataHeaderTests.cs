using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>Data message headers of both versions (l2tpv2.md section 1, l2tpv3.md section 1).</summary>
public class DataHeaderTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("000200010002" + "ff03", 0, false, false, 6, 2)]
    [InlineData("4002000a00010002" + "ff03", 0, false, false, 8, 2)]
    [InlineData("08020001000200090000" + "ff03", 9, true, false, 10, 2)]
    [InlineData("4902000e0001000200090000" + "ff03", 9, true, true, 12, 2)]
    public void V2_without_offset_both_ways(string hex, ushort ns, bool sequenced, bool priority, int offset, int length)
    {
        var octets = Convert.FromHexString(hex);
        var expected = new DataHeaderV2(new TunnelId(1), new SessionId(2), sequenced, ns, priority, offset, length);
        Assert.True(DataHeaderV2.TryRead(octets, out var header, out _));
        Assert.Equal(expected, header);

        var written = new byte[DataHeaderV2.MaxSize];
        Assert.Equal(offset, expected.Write(written, withLength: (octets[0] & 0x40) != 0));
        Assert.Equal(octets[..offset], written[..offset]);
        Assert.Equal(0, expected.Write(written.AsSpan(0, offset - 1), withLength: (octets[0] & 0x40) != 0));
    }

    [Theory]
    [InlineData("0202000100020000" + "ff03", 8, 2)]
    [InlineData("0202000100020003aaaaaa" + "ff03", 11, 2)]
    [InlineData("0202000100020002" + "ff03", 10, 0)]
    [InlineData("4a02001200010002000900000002aaaa" + "ff03", 16, 2)]
    [InlineData("4002000900010002" + "ff03", 8, 1)]
    [InlineData("3cf20001000200090000" + "ff03", 10, 2)]
    public void V2_offset_length_and_reserved_bits(string hex, int offset, int length)
    {
        Assert.True(DataHeaderV2.TryRead(Convert.FromHexString(hex), out var header, out _));
        Assert.Equal((offset, length), (header.PayloadOffset, header.PayloadLength));
    }

    [Theory]
    [InlineData("", DecodeErrorKind.BadHeaderLength)]
    [InlineData("0002000100", DecodeErrorKind.BadHeaderLength)]
    [InlineData("0802000100020009", DecodeErrorKind.BadHeaderLength)]
    [InlineData("020200010002", DecodeErrorKind.BadHeaderLength)]
    [InlineData("0202000100020003ff03", DecodeErrorKind.BadHeaderLength)]
    [InlineData("020200010002ffffff03", DecodeErrorKind.BadHeaderLength)]
    [InlineData("4002000b00010002ff03", DecodeErrorKind.BadHeaderLength)]
    [InlineData("4002000700010002ff03", DecodeErrorKind.BadHeaderLength)]
    [InlineData("4202000b000100020002ff03", DecodeErrorKind.BadHeaderLength)]
    [InlineData("c80200010002", DecodeErrorKind.BadHeaderFlags)]
    [InlineData("000300010002", DecodeErrorKind.BadVersion)]
    [InlineData("000100010002", DecodeErrorKind.BadVersion)]
    public void V2_malformed_is_refused(string hex, DecodeErrorKind kind)
    {
        Assert.False(DataHeaderV2.TryRead(Convert.FromHexString(hex), out var header, out var error));
        Assert.Equal((kind, default), (error.Kind, header));
    }

    [Theory]
    [InlineData(DataCarrier.Udp, 0, L2SpecificSublayer.None, "0003000011223344", 8)]
    [InlineData(DataCarrier.Ip, 0, L2SpecificSublayer.None, "11223344", 4)]
    [InlineData(DataCarrier.Udp, 4, L2SpecificSublayer.None, "000300001122334455667788", 12)]
    [InlineData(DataCarrier.Ip, 8, L2SpecificSublayer.Default, "11223344" + "0000000055667788" + "40000102", 16)]
    [InlineData(DataCarrier.Udp, 8, L2SpecificSublayer.Default, "0003000011223344" + "0000000055667788" + "40000102", 20)]
    [InlineData(DataCarrier.Ip, 4, L2SpecificSublayer.Default, "1122334455667788" + "40000102", 12)]
    public void V3_both_ways(DataCarrier carrier, int cookieSize, L2SpecificSublayer sublayer, string hex, int offset)
    {
        var hasSublayer = sublayer == L2SpecificSublayer.Default;
        var expected = new DataHeaderV3(
            new(0x11223344), cookieSize == 0 ? 0 : 0x55667788u, cookieSize, hasSublayer, hasSublayer, hasSublayer ? 0x102u : 0, offset);
        byte[] octets = [.. Convert.FromHexString(hex), 0xAA];
        Assert.True(DataHeaderV3.TryReadSessionId(octets, carrier, out var id, out _));
        Assert.Equal(0x11223344u, id.Value);
        Assert.True(DataHeaderV3.TryRead(octets, carrier, new DataFormatV3(cookieSize, sublayer), out var header, out _));
        Assert.Equal(expected, header);

        var written = new byte[DataHeaderV3.MaxSize];
        Assert.Equal(offset, expected.Write(written, carrier));
        Assert.Equal(hex, Convert.ToHexStringLower(written.AsSpan(0, offset)));
        Assert.Equal(0, expected.Write(written.AsSpan(0, offset - 1), carrier));
        Assert.False(DataHeaderV3.TryRead(octets.AsSpan(0, offset - 1), carrier, new DataFormatV3(cookieSize, sublayer), out _, out _));
    }

    [Fact]
    public void V3_sublayer_without_S_has_no_sequence_number()
    {
        var written = new byte[DataHeaderV3.MaxSize];
        var size = new DataHeaderV3(new SessionId(1), 0, 0, HasSublayer: true, IsSequenced: false, 77, 0).Write(written, DataCarrier.Ip);
        Assert.Equal("0000000100000000", Convert.ToHexStringLower(written.AsSpan(0, size)));
        Assert.True(DataHeaderV3.TryRead(Convert.FromHexString("00000001bf000102"), DataCarrier.Ip, new(0, L2SpecificSublayer.Default),
            out var header, out _));
        Assert.Equal((false, 0x102u), (header.IsSequenced, header.Sequence));
    }

    [Theory]
    [InlineData(DataCarrier.Udp, "", DecodeErrorKind.BadHeaderLength)]
    [InlineData(DataCarrier.Udp, "00030000112233", DecodeErrorKind.BadHeaderLength)]
    [InlineData(DataCarrier.Udp, "c803000011223344", DecodeErrorKind.BadHeaderFlags)]
    [InlineData(DataCarrier.Udp, "0002000011223344", DecodeErrorKind.BadVersion)]
    [InlineData(DataCarrier.Udp, "0003000000000000", DecodeErrorKind.BadValue)]
    [InlineData(DataCarrier.Ip, "112233", DecodeErrorKind.BadHeaderLength)]
    [InlineData(DataCarrier.Ip, "00000000c803000c", DecodeErrorKind.BadValue)]
    public void V3_malformed_is_refused(DataCarrier carrier, string hex, DecodeErrorKind kind)
    {
        Assert.False(DataHeaderV3.TryReadSessionId(Convert.FromHexString(hex), carrier, out _, out var error));
        Assert.Equal(kind, error.Kind);
    }

    [Fact]
    public void Random_packets_never_throw_and_never_point_outside()
    {
        var seed = Seeds.One(output.WriteLine);
        var random = new Random(seed);
        var accepted = 0;
        for (var round = 0; round < 50_000; round++)
        {
            var packet = new byte[random.Next(0, 40)];
            random.NextBytes(packet);
            if (packet.Length >= 2)
                packet[1] = (byte)((packet[1] & 0xF0) | random.Next(2, 4));
            if (packet.Length >= 4 && random.Next(2) == 0)
                (packet[2], packet[3]) = (0, (byte)random.Next(45));
            if (DataHeaderV2.TryRead(packet, out var v2, out _))
            {
                accepted++;
                Assert.InRange(v2.PayloadLength, 0, packet.Length);
                _ = packet.AsSpan(v2.PayloadOffset, v2.PayloadLength);
            }

            var format = new DataFormatV3(random.Next(3) * 4, (L2SpecificSublayer)random.Next(5));
            if (DataHeaderV3.TryRead(packet, (DataCarrier)random.Next(2), format, out var v3, out _))
                Assert.InRange(v3.PayloadOffset, 4, packet.Length);
        }

        Assert.True(accepted > 1000, $"only {accepted} packets were accepted");
    }
}
