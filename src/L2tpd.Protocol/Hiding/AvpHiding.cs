using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace L2tpd.Protocol.Hiding;

/// <summary>
/// Hiding of AVP values (RFC 2661 section 4.3). The hidden subformat <c>original length (2) | value | padding</c> is
/// XORed with a chain of MD5 blocks. L2TPv3 uses the same algorithm with a derived key instead of the secret.
/// </summary>
public static class AvpHiding
{
    /// <summary>Octets of the original length at the beginning of the subformat.</summary>
    public const int LengthFieldSize = 2;

    private const int BlockSize = MD5.HashSizeInBytes;

    /// <summary>Keys up to this length are hashed on the stack; longer ones need an array.</summary>
    private const int StackLimit = 512;

    /// <summary>Builds the hidden value of an AVP.</summary>
    /// <param name="attributeType">Attribute type; the vendor is not part of the hash.</param>
    /// <param name="value">The clear value, at most 65535 octets.</param>
    /// <param name="padding">Random octets that hide the length; may be empty.</param>
    /// <param name="key">Shared secret (v2) or hiding key (v3).</param>
    /// <param name="randomVector">Value of the Random Vector AVP in force.</param>
    public static byte[] Hide(
        ushort attributeType, ReadOnlySpan<byte> value, ReadOnlySpan<byte> padding, ReadOnlySpan<byte> key, ReadOnlySpan<byte> randomVector)
    {
        var subformat = new byte[LengthFieldSize + value.Length + padding.Length];
        BinaryPrimitives.WriteUInt16BigEndian(subformat, (ushort)value.Length);
        value.CopyTo(subformat.AsSpan(LengthFieldSize));
        padding.CopyTo(subformat.AsSpan(LengthFieldSize + value.Length));
        Encrypt(subformat, attributeType, key, randomVector);
        return subformat;
    }

    /// <summary>Hides a clear subformat, in place.</summary>
    [SkipLocalsInit]
    public static void Encrypt(Span<byte> subformat, ushort attributeType, ReadOnlySpan<byte> key, ReadOnlySpan<byte> randomVector)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        Span<byte> previous = stackalloc byte[BlockSize];
        FirstBlock(attributeType, key, randomVector, block);
        while (true)
        {
            var chunk = subformat[..Math.Min(BlockSize, subformat.Length)];
            Xor(chunk, block);
            subformat = subformat[chunk.Length..];
            if (subformat.IsEmpty)
                return;
            chunk.CopyTo(previous);
            NextBlock(key, previous, block);
        }
    }

    /// <summary>Recovers a hidden value.</summary>
    /// <param name="hidden">The AVP's value as received.</param>
    /// <param name="attributeType">Attribute type.</param>
    /// <param name="key">Shared secret (v2) or hiding key (v3).</param>
    /// <param name="randomVector">Value of the nearest Random Vector AVP before it.</param>
    /// <param name="clear">Room for at least as many octets as <paramref name="hidden"/>.</param>
    /// <param name="value">The clear value, a part of <paramref name="clear"/>.</param>
    /// <returns><c>false</c> if the value has no room for the original length, or that length is longer than the value.</returns>
    [SkipLocalsInit]
    public static bool TryUnhide(
        ReadOnlySpan<byte> hidden, ushort attributeType, ReadOnlySpan<byte> key, ReadOnlySpan<byte> randomVector, Span<byte> clear,
        out Span<byte> value)
    {
        value = default;
        if (hidden.Length < LengthFieldSize || clear.Length < hidden.Length)
            return false;
        Span<byte> block = stackalloc byte[BlockSize];
        FirstBlock(attributeType, key, randomVector, block);
        for (var at = 0; at < hidden.Length; at += BlockSize)
        {
            if (at > 0)
                NextBlock(key, hidden.Slice(at - BlockSize, BlockSize), block);
            var size = Math.Min(BlockSize, hidden.Length - at);
            hidden.Slice(at, size).CopyTo(clear[at..]);
            Xor(clear.Slice(at, size), block);
        }
        // With a wrong secret the result is random, so the length must be checked against the received octets.
        int length = BinaryPrimitives.ReadUInt16BigEndian(clear);
        if (length > hidden.Length - LengthFieldSize)
            return false;
        value = clear.Slice(LengthFieldSize, length);
        return true;
    }

    [SkipLocalsInit]
    private static void FirstBlock(ushort attributeType, ReadOnlySpan<byte> key, ReadOnlySpan<byte> randomVector, Span<byte> block)
    {
        var size = sizeof(ushort) + key.Length + randomVector.Length;
        var input = size <= StackLimit ? stackalloc byte[StackLimit] : new byte[size];
        BinaryPrimitives.WriteUInt16BigEndian(input, attributeType);
        key.CopyTo(input[sizeof(ushort)..]);
        randomVector.CopyTo(input[(sizeof(ushort) + key.Length)..]);
        MD5.HashData(input[..size], block);
    }

    [SkipLocalsInit]
    private static void NextBlock(ReadOnlySpan<byte> key, ReadOnlySpan<byte> previousCipher, Span<byte> block)
    {
        var size = key.Length + previousCipher.Length;
        var input = size <= StackLimit ? stackalloc byte[StackLimit] : new byte[size];
        key.CopyTo(input);
        previousCipher.CopyTo(input[key.Length..]);
        MD5.HashData(input[..size], block);
    }

    private static void Xor(Span<byte> data, ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < data.Length; i++)
            data[i] ^= block[i];
    }
}
