using System.Buffers.Binary;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;

namespace L2tpd.Fuzz.Tests.DataPlane;

/// <summary>
/// Headers of data messages, built octet by octet and then mutated: a valid one is read as it was built, and no other reads outside of its
/// packet.
/// </summary>
public sealed class DataHeaderFuzzTests(ITestOutputHelper output)
{
    private static readonly int[] CookieSizes = [0, 4, 8];

    [Fact]
    public void V2_headers_are_read_as_built_and_mutants_stay_inside() =>
        Seeds.ForEach(100, TimeSpan.FromSeconds(10), output.WriteLine, seed =>
        {
            var random = new SeededRandom(seed);
            for (var i = 0; i < 300; i++)
            {
                var packet = DrawV2(random, out var expected);
                Assert.True(DataHeaderV2.TryRead(packet, out var header, out _), Convert.ToHexString(packet));
                Assert.Equal(expected, header);
                CheckV2(Mutate(packet, random));
            }
        });

    [Fact]
    public void V3_headers_are_read_as_built_and_mutants_stay_inside() =>
        Seeds.ForEach(100, TimeSpan.FromSeconds(10), output.WriteLine, seed =>
        {
            var random = new SeededRandom(seed);
            for (var i = 0; i < 300; i++)
            {
                var carrier = (DataCarrier)random.Below(2);
                var format = new DataFormatV3(CookieSizes[random.Below(3)], (L2SpecificSublayer)random.Below(5));
                var packet = DrawV3(random, carrier, format, out var expected);
                Assert.True(DataHeaderV3.TryRead(packet, carrier, format, out var header, out _), Convert.ToHexString(packet));
                Assert.Equal(expected, header);
                CheckV3(Mutate(packet, random), carrier, format);
            }
        });

    [Fact]
    public void Reading_allocates_nothing()
    {
        var random = new SeededRandom(11);
        byte[][] packets = [.. Enumerable.Range(0, 500).Select(_ => Mutate(DrawV2(random, out var _), random))];
        var format = new DataFormatV3(8, L2SpecificSublayer.Default);
        ReadAll(packets, format);
        Assert.Equal(0, Allocations.Of(() => ReadAll(packets, format)));
    }

    private static void ReadAll(byte[][] packets, DataFormatV3 format)
    {
        foreach (var packet in packets)
        {
            DataHeaderV2.TryRead(packet, out _, out _);
            DataHeaderV3.TryRead(packet, DataCarrier.Udp, format, out _, out _);
            DataHeaderV3.TryRead(packet, DataCarrier.Ip, format, out _, out _);
        }
    }

    private static byte[] DrawV2(SeededRandom random, out DataHeaderV2 expected)
    {
        var (length, sequence, offset, priority) = (random.Chance(0.5), random.Chance(0.5), random.Chance(0.4), random.Chance(0.2));
        var (tunnel, session, ns) = ((ushort)random.Next(), (ushort)random.Next(), (ushort)random.Next());
        var pad = random.Below(random.Chance(0.1) ? 300 : 9);
        var payload = random.Below(random.Chance(0.1) ? 3 : 60);
        // Reserved bits are ignored (RFC 2661 section 3.1).
        var flags = 2 | (length ? 0x4000 : 0) | (sequence ? 0x0800 : 0) | (offset ? 0x0200 : 0) | (priority ? 0x0100
            : 0) | (random.Chance(0.2) ? (int)random.Next() & 0x34f0 : 0);
        var size = 6 + (length ? 2 : 0) + (sequence ? 4 : 0) + (offset ? 2 + pad : 0);
        List<byte> built = [.. UInt16(flags), .. length ? UInt16(size + payload) : [], .. UInt16(tunnel), .. UInt16(session)];
        built.AddRange(sequence ? [.. UInt16(ns), .. UInt16((int)random.Next())] : []);
        built.AddRange(offset ? [.. UInt16(pad), .. Octets(pad, random)] : []);
        built.AddRange(Octets(payload, random));
        // Octets after the length are not part of the message.
        built.AddRange(length ? Octets(random.Below(4), random) : []);
        expected = new DataHeaderV2(new(tunnel), new(session), sequence, sequence ? ns : (ushort)0, priority, size, payload);
        return [.. built];
    }

    private static void CheckV2(byte[] packet)
    {
        if (!DataHeaderV2.TryRead(packet, out var header, out _))
            return;
        Assert.InRange(header.PayloadOffset, 6, packet.Length);
        Assert.InRange(header.PayloadLength, 0, packet.Length - header.PayloadOffset);
        Span<byte> written = stackalloc byte[DataHeaderV2.MaxSize + packet.Length];
        var size = header.Write(written, withLength: true);
        Assert.True(DataHeaderV2.TryRead(written[..(size + header.PayloadLength)], out var again, out _), Convert.ToHexString(packet));
        Assert.Equal(header with { PayloadOffset = size }, again);
    }

    private static byte[] DrawV3(SeededRandom random, DataCarrier carrier, DataFormatV3 format, out DataHeaderV3 expected)
    {
        var session = (uint)random.Next() | 1;
        var cookie = Octets(format.CookieSize, random);
        var hasSublayer = format.Sublayer != L2SpecificSublayer.None;
        var word = (uint)random.Next();
        List<byte> built = carrier == DataCarrier.Udp ? [.. UInt16(3 | ((int)random.Next() & 0x7ff0)), .. Octets(2, random)] : [];
        built.AddRange(UInt16((int)(session >> 16)));
        built.AddRange(UInt16((int)session));
        built.AddRange(cookie);
        built.AddRange(hasSublayer ? [.. UInt16((int)(word >> 16)), .. UInt16((int)word)] : []);
        var value = cookie.Aggregate(0ul, static (all, octet) => (all << 8) | octet);
        expected = new DataHeaderV3(
            new(session), value, format.CookieSize, hasSublayer, hasSublayer && (word & 0x4000_0000) != 0, hasSublayer ? word & 0xff_ffff
                : 0, built.Count);
        built.AddRange(Octets(random.Below(40), random));
        return [.. built];
    }

    private static void CheckV3(byte[] packet, DataCarrier carrier, DataFormatV3 format)
    {
        var isRead = DataHeaderV3.TryRead(packet, carrier, format, out var header, out _);
        var hasId = DataHeaderV3.TryReadSessionId(packet, carrier, out var id, out _);
        if (!isRead)
            return;
        Assert.True(hasId);
        Assert.Equal(id, header.SessionId);
        Assert.NotEqual(0u, id.Value);
        Assert.InRange(header.PayloadOffset, 4, packet.Length);
        Span<byte> written = stackalloc byte[DataHeaderV3.MaxSize];
        var size = header.Write(written, carrier);
        Assert.Equal(header.PayloadOffset, size);
        Assert.True(DataHeaderV3.TryRead(written[..size], carrier, format, out var again, out _), Convert.ToHexString(packet));
        // A number without its bit is not valid, and is not written.
        Assert.Equal(header.IsSequenced ? header : header with { Sequence = 0 }, again);
    }

    private static byte[] Mutate(byte[] good, SeededRandom random)
    {
        var bytes = (byte[])good.Clone();
        for (var times = random.Below(4); times > 0 && bytes.Length > 0; times--)
        {
            var at = random.Below(Math.Min(bytes.Length, random.Chance(0.8) ? 16 : bytes.Length));
            bytes[at] = random.Chance(0.5) ? (byte)random.Next() : (byte)(bytes[at] ^ (1 << random.Below(8)));
        }

        if (random.Chance(0.2) && bytes.Length >= 8)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2 * random.Below(4)),
                (ushort)(random.Chance(0.5) ? 0xffff : random.Below(bytes.Length + 4)));
        }

        return random.Chance(0.5) ? bytes[..random.Below(bytes.Length + 1)] : bytes;
    }

    private static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Octets(int count, SeededRandom random)
    {
        var octets = new byte[count];
        random.Fill(octets);
        return octets;
    }
}
