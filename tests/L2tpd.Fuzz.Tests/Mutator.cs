using System.Buffers.Binary;

namespace L2tpd.Fuzz.Tests;

/// <summary>Makes a hostile datagram from a valid one.</summary>
public static class Mutator
{
    public static byte[] Mutate(byte[] good, IReadOnlyList<byte[]> others, SeededRandom random)
    {
        var bytes = (byte[])good.Clone();
        for (var times = 1 + random.Below(3); times > 0; times--)
            bytes = Once(bytes, others, random);
        return bytes;
    }

    private static byte[] Once(byte[] bytes, IReadOnlyList<byte[]> others, SeededRandom random)
    {
        if (bytes.Length < 12)
            return DataHeader(random);
        switch (random.Below(12))
        {
            case 0:
                bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
                return bytes;
            case 1:
                return bytes[..random.Below(bytes.Length + 1)];
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2),
                    (ushort)random.Below(random.Chance(0.5) ? bytes.Length + 8 : 65_536));
                return bytes;
            case 3:
                return LieInAvp(bytes, random);
            case 4:
                return SwapAvps(bytes, random);
            case 5:
                // Ids of tunnel or session swapped, zeroed or drawn.
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4 + (2 * random.Below(2))),
                    (ushort)(random.Chance(0.4) ? 0 : random.Below(65_536)));
                return bytes;
            case 6:
                (bytes[4], bytes[5], bytes[6], bytes[7]) = (bytes[6], bytes[7], bytes[4], bytes[5]);
                return bytes;
            case 7:
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(8 + (2 * random.Below(2))), (ushort)random.Next());
                return bytes;
            case 8:
                return DataHeader(random);
            case 9:
                return Body(bytes, others[random.Below(others.Count)]);
            case 10:
                return AddAvp(bytes, random);
            default:
                for (var i = 0; i < 8; i++)
                    bytes[12 + random.Below(Math.Max(bytes.Length - 12, 1)) is var at && at < bytes.Length ? at : 0] = (byte)random.Next();
                return bytes;
        }
    }

    private static byte[] LieInAvp(byte[] bytes, SeededRandom random)
    {
        var starts = Starts(bytes);
        if (starts.Count == 0)
            return bytes;
        var at = starts[random.Below(starts.Count)];
        var head = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)((head & 0xFC00) | random.Below(random.Chance(0.7) ? 40 : 1024)));
        return bytes;
    }

    private static byte[] SwapAvps(byte[] bytes, SeededRandom random)
    {
        var starts = Starts(bytes);
        if (starts.Count < 2)
            return bytes;
        var from = starts[random.Below(starts.Count)];
        var size = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(from)) & 0x3FF;
        var avp = bytes.AsSpan(from, size).ToArray();
        byte[] without = [.. bytes[..from], .. bytes[(from + size)..]];
        var to = starts[random.Below(starts.Count)];
        to = to > from ? to - size : to;
        return [.. without[..to], .. avp, .. without[to..]];
    }

    private static byte[] AddAvp(byte[] bytes, SeededRandom random)
    {
        var avp = new byte[6 + random.Below(30)];
        random.Fill(avp);
        BinaryPrimitives.WriteUInt16BigEndian(avp, (ushort)((random.Below(4) << 14) | avp.Length));
        BinaryPrimitives.WriteUInt16BigEndian(avp.AsSpan(2), (ushort)(random.Chance(0.8) ? 0 : 3561));
        BinaryPrimitives.WriteUInt16BigEndian(avp.AsSpan(4), (ushort)random.Below(110));
        return WithLength([.. bytes, .. avp]);
    }

    /// <summary>The AVPs of another message of the conversation under this header.</summary>
    private static byte[] Body(byte[] bytes, byte[] other) => WithLength([.. bytes[..12], .. other.AsSpan(Math.Min(12, other.Length))]);

    /// <summary>Data messages with any flags, offsets past the end among them.</summary>
    private static byte[] DataHeader(SeededRandom random)
    {
        var bytes = new byte[2 + random.Below(30)];
        random.Fill(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)((random.Next() & 0x7FF0) | (random.Chance(0.3) ? 0x0200u : 0) | 2));
        return bytes;
    }

    private static byte[] WithLength(byte[] bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)bytes.Length);
        return bytes;
    }

    private static List<int> Starts(byte[] bytes)
    {
        List<int> starts = [];
        for (var at = 12; at + 6 <= bytes.Length;)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)) & 0x3FF;
            if (size < 6 || at + size > bytes.Length)
                break;
            starts.Add(at);
            at += size;
        }

        return starts;
    }
}
