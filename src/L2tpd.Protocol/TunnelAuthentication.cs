using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol;

/// <summary>Challenge and response of L2TPv2 (RFC 2661 section 5.1.1).</summary>
public static class TunnelAuthentication
{
    /// <summary>Octets of a response.</summary>
    public const int ResponseSize = 16;

    /// <summary>MD5(message type || secret || challenge); <paramref name="carrier"/> is the message that carries the response.</summary>
    public static byte[] ComputeResponse(MessageType carrier, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge) =>
        throw new NotImplementedException();

    /// <summary>Compares in constant time.</summary>
    public static bool Verify(MessageType carrier, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> response) =>
        throw new NotImplementedException();
}
