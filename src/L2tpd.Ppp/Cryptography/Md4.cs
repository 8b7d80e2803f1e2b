using System.Buffers.Binary;
using System.Numerics;

namespace L2tpd.Ppp.Cryptography;

/// <summary>MD4 (RFC 1320), by which MS-CHAP hashes passwords; .NET does not have it.</summary>
public static class Md4
{
    /// <summary>Octets of a digest.</summary>
    public const int DigestLength = 16;

    private const int BlockLength = 64;

    /// <summary>Hashes a message.</summary>
    /// <param name="message">Any length.</param>
    /// <param name="digest">Gets 16 octets; must be at least that long.</param>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> digest)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
        var rest = message;
        for (; rest.Length >= BlockLength; rest = rest[BlockLength..])
            Compress(state, rest);

        Span<byte> tail = stackalloc byte[2 * BlockLength];
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        var tailLength = rest.Length < BlockLength - 8 ? BlockLength : 2 * BlockLength;
        BinaryPrimitives.WriteUInt64LittleEndian(tail[(tailLength - 8)..], (ulong)message.Length * 8);
        for (var at = 0; at < tailLength; at += BlockLength)
            Compress(state, tail.Slice(at, BlockLength));

        tail.Clear();
        for (var i = 0; i < 4; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(digest[(4 * i)..], state[i]);
    }

    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> x = stackalloc uint[16];
        for (var i = 0; i < 16; i++)
            x[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);

        ReadOnlySpan<byte> columns = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];
        ReadOnlySpan<byte> bitReversed = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];
        ReadOnlySpan<byte> shifts = [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];
        uint a = state[0], b = state[1], c = state[2], d = state[3];
        for (var step = 0; step < 48; step++)
        {
            var i = step & 15;
            var mixed = (step >> 4) switch
            {
                0 => ((b & c) | (~b & d)) + x[i],
                1 => ((b & c) | (b & d) | (c & d)) + x[columns[i]] + 0x5a827999,
                _ => (b ^ c ^ d) + x[bitReversed[i]] + 0x6ed9eba1,
            };
            var rotated = BitOperations.RotateLeft(a + mixed, shifts[(4 * (step >> 4)) + (i & 3)]);
            (a, d, c, b) = (d, c, b, rotated);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
