using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol;

/// <summary>Challenge and response of L2TPv2 (RFC 2661 section 5.1.1).</summary>
public static class TunnelAuthentication
{
    /// <summary>Octets of a response.</summary>
    public const int ResponseSize = MD5.HashSizeInBytes;

    private const int StackLimit = 512;

    /// <summary>MD5(message type || secret || challenge); <paramref name="carrier"/> is the message that carries the response.</summary>
    public static byte[] ComputeResponse(MessageType carrier, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge)
    {
        var response = new byte[ResponseSize];
        Compute(carrier, secret, challenge, response);
        return response;
    }

    /// <summary>Verifies a response, in constant time.</summary>
    public static bool Verify(MessageType carrier, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> response)
    {
        Span<byte> expected = stackalloc byte[ResponseSize];
        Compute(carrier, secret, challenge, expected);
        return CryptographicOperations.FixedTimeEquals(expected, response);
    }

    [SkipLocalsInit]
    private static void Compute(MessageType carrier, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge, Span<byte> response)
    {
        var size = 1 + secret.Length + challenge.Length;
        var input = size <= StackLimit ? stackalloc byte[StackLimit] : new byte[size];
        // The ID is the low octet of the carrying message's type.
        input[0] = (byte)carrier;
        secret.CopyTo(input[1..]);
        challenge.CopyTo(input[(1 + secret.Length)..]);
        MD5.HashData(input[..size], response);
    }
}
