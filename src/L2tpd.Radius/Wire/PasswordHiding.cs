using System.Security.Cryptography;

namespace L2tpd.Radius.Wire;

/// <summary>
/// The two ways of RADIUS to hide a value with MD5: User-Password (RFC 2865 section 5.2), and with a salt Tunnel-Password (RFC 2868 section
/// 3.5) and the MS-MPPE keys (RFC 2548 sections 2.4.2 and 2.4.3). Both chain b1 = MD5(secret, request authenticator [, salt]), bi =
/// MD5(secret, c(i-1)).
/// </summary>
public static class PasswordHiding
{
    /// <summary>Length of the longest User-Password in octets.</summary>
    public const int MaxUserPassword = 128;

    /// <summary>Length of the longest value of an attribute with salt in octets: 16 blocks would not fit into 253 octets.</summary>
    public const int MaxSalted = 239;

    private const int Block = 16;

    /// <summary>Octets of a hidden User-Password: at least one block, also for an empty password.</summary>
    public static int HiddenSize(int length) => Math.Max(Block, (length + Block - 1) / Block * Block);

    /// <summary>Hides a User-Password.</summary>
    /// <param name="password">0 to 128 octets.</param>
    /// <param name="authenticator">The request's.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="hidden"><see cref="HiddenSize"/> octets.</param>
    public static void Hide(ReadOnlySpan<byte> password, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret, Span<byte> hidden)
    {
        hidden.Clear();
        password.CopyTo(hidden);
        Chain(hidden, secret, authenticator, [], isHiding: true);
    }

    /// <summary>Recovers a hidden User-Password.</summary>
    /// <returns>Its octets without the padding; -1 if the length is not a multiple of 16 or too long.</returns>
    public static int Reveal(ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret, Span<byte> password)
    {
        if (hidden.Length is 0 or > MaxUserPassword || hidden.Length % Block != 0)
            return -1;
        hidden.CopyTo(password);
        var plain = password[..hidden.Length];
        Chain(plain, secret, authenticator, [], isHiding: false);
        return plain.TrimEnd((byte)0).Length;
    }

    /// <summary>Octets of a value hidden with a salt, the salt included.</summary>
    public static int SaltedSize(int length) => 2 + ((length + Block) / Block * Block);

    /// <summary>Hides a value with a salt: <c>salt:2</c>, then <c>length:1 value padding</c> in blocks.</summary>
    /// <param name="value">0 to 239 octets.</param>
    /// <param name="salt">Its high bit must be set, and it must be unique within the packet.</param>
    /// <param name="authenticator">The request's, also in an answer.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="hidden"><see cref="SaltedSize"/> octets.</param>
    public static void HideSalted(
        ReadOnlySpan<byte> value, ushort salt, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret, Span<byte> hidden)
    {
        hidden.Clear();
        hidden[0] = (byte)(salt >> 8);
        hidden[1] = (byte)salt;
        hidden[2] = (byte)value.Length;
        value.CopyTo(hidden[3..]);
        Chain(hidden[2..], secret, authenticator, hidden[..2], isHiding: true);
    }

    /// <summary>Recovers a value hidden with a salt.</summary>
    /// <param name="hidden">Salt and blocks, without a tag.</param>
    /// <param name="authenticator">The request's.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="value">At least as long as the blocks.</param>
    /// <returns>The value's octets; -1 if there are no whole blocks, or the length in them is longer than they are.</returns>
    public static int RevealSalted(ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret, Span<byte> value)
    {
        var size = hidden.Length - 2;
        if (size < Block || size % Block != 0)
            return -1;
        Span<byte> plain = stackalloc byte[size];
        hidden[2..].CopyTo(plain);
        Chain(plain, secret, authenticator, hidden[..2], isHiding: false);
        int length = plain[0];
        if (length > size - 1)
            return -1;
        plain.Slice(1, length).CopyTo(value);
        return length;
    }

    private static void Chain(
        Span<byte> blocks, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> salt, bool isHiding)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        Span<byte> pad = stackalloc byte[Block];
        Span<byte> former = stackalloc byte[Block];
        for (var place = 0; place < blocks.Length; place += Block)
        {
            md5.AppendData(secret);
            md5.AppendData(place == 0 ? authenticator : former);
            md5.AppendData(place == 0 ? salt : []);
            md5.GetHashAndReset(pad);
            var block = blocks.Slice(place, Block);
            if (!isHiding)
                block.CopyTo(former);
            for (var i = 0; i < Block; i++)
                block[i] ^= pad[i];
            if (isHiding)
                block.CopyTo(former);
        }
    }
}
