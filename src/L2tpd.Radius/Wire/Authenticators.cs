using System.Security.Cryptography;

namespace L2tpd.Radius.Wire;

/// <summary>
/// Makes and verifies Request and Response Authenticators and the Message-Authenticator (RFC 2865 section 3, RFC 2866 section 3, RFC 3579
/// section 3.2, RFC 5176 section 2.3). The order is always the same: the packet is written with a Message-Authenticator of zeros, its
/// HMAC-MD5 is inserted, and the MD5 of the Authenticator field is computed over the result.
/// </summary>
public static class Authenticators
{
    private static ReadOnlySpan<byte> Zeros => "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"u8;

    /// <summary>Completes a packet.</summary>
    /// <param name="packet">The packet, with a Message-Authenticator of zeros.</param>
    /// <param name="secret">The secret shared with the other side.</param>
    /// <param name="authenticator">Sixteen octets: random in a request of rule Random, the request's in an answer; ignored in a keyed
    /// request.</param>
    public static void Seal(Span<byte> packet, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> authenticator)
    {
        var rule = ((RadiusCode)packet[0]).RuleOf();
        var field = packet.Slice(RadiusPacket.AuthenticatorOffset, RadiusPacket.AuthenticatorSize);
        (rule == AuthenticatorRule.Keyed ? Zeros : authenticator).CopyTo(field);
        var place = FindMessageAuthenticator(packet);
        if (place > 0)
        {
            Span<byte> code = stackalloc byte[HMACMD5.HashSizeInBytes];
            HMACMD5.HashData(secret, packet, code);
            code.CopyTo(packet[place..]);
        }

        if (rule != AuthenticatorRule.Random)
            Digest(packet, secret, field);
    }

    /// <summary>Whether the sender of an answer has the secret, and the answer belongs to this request.</summary>
    public static bool VerifyAnswer(in RadiusPacket answer, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> secret) =>
        Verify(answer, requestAuthenticator, secret);

    /// <summary>Whether the sender of a keyed request (Accounting, CoA, Disconnect) has the secret.</summary>
    public static bool VerifyRequest(in RadiusPacket request, ReadOnlySpan<byte> secret) => Verify(request, Zeros, secret);

    /// <summary>Whether the packet has a Message-Authenticator.</summary>
    public static bool HasMessageAuthenticator(in RadiusPacket packet) => FindMessageAuthenticator(packet.Octets) > 0;

    /// <summary>Whether the Message-Authenticator of an Access-Request or Status-Server is valid; <c>false</c> if it has none.</summary>
    public static bool VerifyMessageAuthenticator(in RadiusPacket request, ReadOnlySpan<byte> secret)
    {
        Span<byte> copy = stackalloc byte[request.Octets.Length];
        request.Octets.CopyTo(copy);
        return FindMessageAuthenticator(copy) > 0 && HasRightMessageAuthenticator(copy, secret);
    }

    private static bool Verify(in RadiusPacket packet, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        Span<byte> copy = stackalloc byte[packet.Octets.Length];
        packet.Octets.CopyTo(copy);
        var field = copy.Slice(RadiusPacket.AuthenticatorOffset, RadiusPacket.AuthenticatorSize);
        authenticator.CopyTo(field);
        Span<byte> expected = stackalloc byte[RadiusPacket.AuthenticatorSize];
        Digest(copy, secret, expected);
        // Both are always compared: the time must not show which of them was wrong.
        var isSealed = CryptographicOperations.FixedTimeEquals(expected, packet.Authenticator);
        return (FindMessageAuthenticator(copy) == 0 || HasRightMessageAuthenticator(copy, secret)) & isSealed;
    }

    /// <summary>
    /// Sets the Message-Authenticator in the copy to zeros. The Authenticator field must be the one that it was computed with.
    /// </summary>
    private static bool HasRightMessageAuthenticator(Span<byte> copy, ReadOnlySpan<byte> secret)
    {
        var place = copy.Slice(FindMessageAuthenticator(copy), HMACMD5.HashSizeInBytes);
        Span<byte> received = stackalloc byte[HMACMD5.HashSizeInBytes];
        place.CopyTo(received);
        place.Clear();
        Span<byte> expected = stackalloc byte[HMACMD5.HashSizeInBytes];
        HMACMD5.HashData(secret, copy, expected);
        return CryptographicOperations.FixedTimeEquals(expected, received);
    }

    private static void Digest(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> secret, Span<byte> digest)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        md5.AppendData(packet);
        md5.AppendData(secret);
        md5.GetHashAndReset(digest);
    }

    /// <summary>Offset of the value of the Message-Authenticator; 0 if there is none.</summary>
    private static int FindMessageAuthenticator(ReadOnlySpan<byte> packet)
    {
        for (var place = RadiusPacket.HeaderSize; place + 1 < packet.Length; place += packet[place + 1])
        {
            if ((AttributeType)packet[place] == AttributeType.MessageAuthenticator)
                return place + 2;
        }

        return 0;
    }
}
