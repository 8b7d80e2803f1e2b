using System.Security.Cryptography;

namespace L2tpd.Ppp.Cryptography;

/// <summary>CHAP with MD5 (RFC 1994 section 4.1).</summary>
public static class ChapMd5
{
    /// <summary>Octets of a response value.</summary>
    public const int ResponseLength = 16;

    private const int StackLimit = 512;

    /// <summary>Computes <c>MD5(id || secret || challenge)</c>.</summary>
    /// <param name="id">Identifier of the challenge.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="challenge">The challenge's value.</param>
    /// <param name="response">Gets 16 octets.</param>
    public static void Response(byte id, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge, Span<byte> response)
    {
        var length = 1 + secret.Length + challenge.Length;
        var message = length <= StackLimit ? stackalloc byte[StackLimit] : new byte[length];
        message = message[..length];
        message[0] = id;
        secret.CopyTo(message[1..]);
        challenge.CopyTo(message[(1 + secret.Length)..]);
        MD5.HashData(message, response);
        message.Clear();
    }

    /// <summary>Checks a response in constant time.</summary>
    public static bool Verify(byte id, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> response)
    {
        Span<byte> expected = stackalloc byte[ResponseLength];
        Response(id, secret, challenge, expected);
        return CryptographicOperations.FixedTimeEquals(expected, response);
    }
}
