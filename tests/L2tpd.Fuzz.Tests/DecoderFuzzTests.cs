using System.Buffers.Binary;
using L2tpd.Protocol;

namespace L2tpd.Fuzz.Tests;

/// <summary>Random octets, alone or after a valid header and valid AVP headers: the decoder answers and never throws.</summary>
public sealed class DecoderFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[] Secret = "l2tpd-secret"u8.ToArray();

    [Fact]
    public void Random_octets_never_throw() => Seeds.ForEach(100, TimeSpan.FromSeconds(10), output.WriteLine, seed =>
    {
        var random = new SeededRandom(seed);
        for (var i = 0; i < 500; i++)
            Decode(Draw(random));
    });

    /// <summary>Allocations are bounded by the size of the message: no length field can cause a larger one.</summary>
    [Fact]
    public void Decoding_allocates_in_proportion_to_the_datagram()
    {
        var random = new SeededRandom(7);
        for (var i = 0; i < 200; i++)
            Decode(Draw(random));
        for (var i = 0; i < 2000; i++)
        {
            var datagram = Draw(random);
            var most = 8_192 + (16 * datagram.Length);
            var allocated = Allocations.Of(() => Decode(datagram), most);
            Assert.True(allocated <= most,
                $"{allocated} octets for a datagram of {datagram.Length}: {Convert.ToHexString(datagram)}");
        }
    }

    private static void Decode(byte[] datagram)
    {
        _ = MessageCodec.Classify(datagram);
        if (!MessageCodec.TryDecodeHeader(datagram, out var header, out _))
            return;
        _ = MessageCodec.PeekHostName(header, datagram);
        _ = MessageCodec.Decode(header, datagram, default);
        _ = MessageCodec.Decode(header, datagram, new DecodeOptions(Secret));
        var decoded = MessageCodec.Decode(header, datagram, new DecodeOptions(Secret, true));
        _ = decoded.Error.Describe();
        _ = decoded.Error.ToResultCode();
    }

    private static byte[] Draw(SeededRandom random)
    {
        var datagram = new byte[random.Below(random.Chance(0.1) ? 9000 : 200)];
        random.Fill(datagram);
        if (datagram.Length < 20 || random.Chance(0.1))
            return datagram;
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)(random.Chance(0.9) ? 0xC802 : 0xC803));
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)datagram.Length);
        new byte[] { 0x80, 8, 0, 0, 0, 0, 0, (byte)(1 + random.Below(30)) }.CopyTo(datagram, 12);
        // AVP headers with matching lengths, so that values are reached and not only the first length.
        for (var at = 20; at + 6 <= datagram.Length;)
        {
            var size = Math.Min(6 + random.Below(random.Chance(0.3) ? 40 : 12), datagram.Length - at);
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(at), (ushort)(((random.Below(4) << 14) | size) & 0xFFFF));
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(at + 2), (ushort)(random.Chance(0.9) ? 0 : 3561));
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(at + 4), (ushort)random.Below(110));
            at += size;
        }

        return datagram;
    }
}
