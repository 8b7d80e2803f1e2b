using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Challenges (L2TPv2) and nonces (L2TPv3) that need no memory: each is a counter and a mark, encrypted as one block of AES with a key of
/// this process. Nobody else can predict one, none is used twice, and the daemon recognises its own when they come back.
/// </summary>
internal sealed class Challenges
{
    /// <summary>Octets of a challenge or nonce.</summary>
    public const int Size = 16;

    private readonly Aes _aes = Aes.Create();
    private readonly ICryptoTransform _encryption;
    private readonly byte[] _plain = new byte[Size];
    private readonly byte[] _block = new byte[Size];
    private readonly ulong _mark;
    private ulong _count;

    [SuppressMessage("Security", "CA5358", Justification = "Each block is encrypted once and by itself: there is nothing to chain.")]
    public Challenges(IRandomSource random)
    {
        var secret = new byte[Size + sizeof(ulong)];
        random.Fill(secret);
        _aes.Key = secret[..Size];
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _encryption = _aes.CreateEncryptor();
        _mark = BinaryPrimitives.ReadUInt64BigEndian(secret.AsSpan(Size));
    }

    /// <summary>A number that no challenge had before.</summary>
    public ulong NextNumber() => ++_count;

    /// <summary>The challenge of that number.</summary>
    public byte[] Of(ulong number)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_plain, number);
        BinaryPrimitives.WriteUInt64BigEndian(_plain.AsSpan(sizeof(ulong)), _mark);
        _ = _encryption.TransformBlock(_plain, 0, Size, _block, 0);
        return [.. _block];
    }

    /// <summary>True for a challenge that <see cref="Of"/> made in this process.</summary>
    public bool IsOurs(ReadOnlySpan<byte> challenge)
    {
        if (challenge.Length != Size)
            return false;
        Span<byte> plain = stackalloc byte[Size];
        _aes.DecryptEcb(challenge, plain, PaddingMode.None);
        return BinaryPrimitives.ReadUInt64BigEndian(plain[sizeof(ulong)..]) == _mark;
    }
}
