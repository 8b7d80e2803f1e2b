using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace L2tpd.Ppp.Cryptography;

/// <summary>The arithmetic of MS-CHAPv2 (RFC 2759 section 8).</summary>
public static class MsChapV2
{
    /// <summary>Octets of either challenge.</summary>
    public const int ChallengeLength = 16;

    /// <summary>Octets of the Response's value: peer challenge 16, reserved 8, NT-Response 24, flags 1.</summary>
    public const int ResponseLength = 49;

    /// <summary>Octets of an NT-Response.</summary>
    public const int NtResponseLength = 24;

    /// <summary>Where the NT-Response is in the Response's value.</summary>
    public const int NtResponseOffset = 24;

    /// <summary>RFC 2759 section 8.2.</summary>
    /// <param name="peerChallenge">16 octets.</param>
    /// <param name="authenticatorChallenge">16 octets.</param>
    /// <param name="userName">The name as sent; a domain before a backslash is left out.</param>
    /// <param name="hash">Gets 8 octets.</param>
    public static void ChallengeHash(
        ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> userName, Span<byte> hash)
    {
        var name = WithoutDomain(userName);
        Span<byte> message = stackalloc byte[(2 * ChallengeLength) + byte.MaxValue];
        name = name[..Math.Min(name.Length, byte.MaxValue)];
        peerChallenge.CopyTo(message);
        authenticatorChallenge.CopyTo(message[ChallengeLength..]);
        name.CopyTo(message[(2 * ChallengeLength)..]);
        Span<byte> digest = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(message[..((2 * ChallengeLength) + name.Length)], digest);
        digest[..8].CopyTo(hash);
    }

    /// <summary>RFC 2759 section 8.3: MD4 of the password in UTF-16LE.</summary>
    /// <param name="password">The password in UTF-8.</param>
    /// <param name="hash">Gets 16 octets.</param>
    public static void PasswordHash(ReadOnlySpan<byte> password, Span<byte> hash)
    {
        // An array on the heap: a configured secret may have any length. It is cleared after use.
        var characters = new char[Encoding.UTF8.GetCharCount(password)];
        Encoding.UTF8.GetChars(password, characters);
        if (!BitConverter.IsLittleEndian)
        {
            for (var i = 0; i < characters.Length; i++)
                characters[i] = (char)System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(characters[i]);
        }

        Md4.Hash(MemoryMarshal.AsBytes(characters.AsSpan()), hash);
        Array.Clear(characters);
    }

    /// <summary>RFC 2759 section 8.5: three DES encryptions of the challenge hash.</summary>
    /// <param name="challengeHash">8 octets.</param>
    /// <param name="passwordHash">16 octets.</param>
    /// <param name="response">Gets 24 octets.</param>
    public static void ChallengeResponse(ReadOnlySpan<byte> challengeHash, ReadOnlySpan<byte> passwordHash, Span<byte> response)
    {
        Span<byte> padded = stackalloc byte[21];
        padded.Clear();
        passwordHash.CopyTo(padded);
        for (var i = 0; i < 3; i++)
            Des.EncryptBlock(padded.Slice(7 * i, 7), challengeHash, response.Slice(8 * i, 8));

        padded.Clear();
    }

    /// <summary>RFC 2759 section 8.1: the NT-Response from the password.</summary>
    /// <param name="authenticatorChallenge">16 octets.</param>
    /// <param name="peerChallenge">16 octets.</param>
    /// <param name="userName">The name as sent.</param>
    /// <param name="password">The password in UTF-8.</param>
    /// <param name="response">Gets 24 octets.</param>
    public static void NtResponse(
        ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> userName,
        ReadOnlySpan<byte> password, Span<byte> response)
    {
        Span<byte> challengeHash = stackalloc byte[8];
        Span<byte> passwordHash = stackalloc byte[Md4.DigestLength];
        ChallengeHash(peerChallenge, authenticatorChallenge, userName, challengeHash);
        PasswordHash(password, passwordHash);
        ChallengeResponse(challengeHash, passwordHash, response);
        passwordHash.Clear();
    }

    /// <summary>RFC 2759 section 8.7: the authenticator's proof that it knows the password.</summary>
    /// <returns><c>S=</c> and forty upper case hexadecimal digits.</returns>
    public static string AuthenticatorResponse(
        ReadOnlySpan<byte> password, ReadOnlySpan<byte> ntResponse, ReadOnlySpan<byte> peerChallenge,
        ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> userName)
    {
        var magic1 = "Magic server to client signing constant"u8;
        var magic2 = "Pad to make it do more than one iteration"u8;
        Span<byte> passwordHash = stackalloc byte[Md4.DigestLength];
        Span<byte> hashHash = stackalloc byte[Md4.DigestLength];
        PasswordHash(password, passwordHash);
        Md4.Hash(passwordHash, hashHash);
        Span<byte> message = stackalloc byte[96];
        Span<byte> digest = stackalloc byte[SHA1.HashSizeInBytes];
        var writer = new Wire.PacketWriter(message);
        writer.Bytes(hashHash);
        writer.Bytes(ntResponse);
        writer.Bytes(magic1);
        SHA1.HashData(writer.Written, digest);

        Span<byte> challengeHash = stackalloc byte[8];
        ChallengeHash(peerChallenge, authenticatorChallenge, userName, challengeHash);
        writer = new Wire.PacketWriter(message);
        writer.Bytes(digest);
        writer.Bytes(challengeHash);
        writer.Bytes(magic2);
        SHA1.HashData(writer.Written, digest);
        passwordHash.Clear();
        hashHash.Clear();
        return "S=" + Convert.ToHexString(digest);
    }

    /// <summary>Checks the 49 octets of a Response's value in constant time.</summary>
    public static bool Verify(
        ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> response, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> password)
    {
        if (response.Length != ResponseLength || authenticatorChallenge.Length != ChallengeLength)
            return false;

        Span<byte> expected = stackalloc byte[NtResponseLength];
        NtResponse(authenticatorChallenge, response[..ChallengeLength], userName, password, expected);
        return CryptographicOperations.FixedTimeEquals(expected, response.Slice(NtResponseOffset, NtResponseLength));
    }

    /// <summary>The name without a domain before its last backslash.</summary>
    public static ReadOnlySpan<byte> WithoutDomain(ReadOnlySpan<byte> userName) => userName[(userName.LastIndexOf((byte)'\\') + 1)..];
}
