using System.Buffers.Binary;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// EAP in RADIUS (RFC 3579): packets in EAP-Message attributes, State, and what the three answers mean for the peer. The methods are
/// between peer and server.
/// </summary>
internal static class EapAttributes
{
    private const int MaxValue = 253;
    private const int MinPacket = 4;
    private const uint LongestTimeout = 3_600;

    /// <summary>Writes the peer's response. EAP-Message attributes follow one another (RFC 3579 section 3.1).</summary>
    public static void Write(ref PacketBuilder packet, AuthenticationRequest proof)
    {
        for (var rest = proof.Response.AsSpan(); !rest.IsEmpty; rest = rest[Math.Min(rest.Length, MaxValue)..])
            packet.Add(AttributeType.EapMessage, rest[..Math.Min(rest.Length, MaxValue)]);
        if (proof.State is { Length: > 0 } state)
            packet.Add(AttributeType.State, state);
        if (proof.LinkMtu > 0)
            packet.AddUInt32(AttributeType.FramedMtu, proof.LinkMtu);
    }

    /// <summary>The request of an Access-Challenge; <c>null</c>: it has no well-formed one.</summary>
    public static AuthenticationChallenge? ReadChallenge(in RadiusPacket answer)
    {
        var message = MessageOf(answer);
        if (message.Length <= MinPacket || !IsPacket(message, EapCode.Request))
            return null;

        var state = answer.TryFind(AttributeType.State, out var octets) ? octets.ToArray() : null;
        // RFC 3579 section 2.6.1: here Session-Timeout is the time for the peer's response, for a user who has to read a token.
        answer.TryFindUInt32(AttributeType.SessionTimeout, out var seconds);
        return new AuthenticationChallenge(message, state, Math.Min(seconds, LongestTimeout) * 1_000L);
    }

    /// <summary>
    /// Whether an Access-Accept has EAP's Success. Without it the peer would not know that it may go on, and after a Failure it would not
    /// (RFC 3579 section 2.6.3).
    /// </summary>
    public static bool HasSuccess(in RadiusPacket answer) => IsPacket(MessageOf(answer), EapCode.Success);

    private static bool IsPacket(ReadOnlySpan<byte> message, EapCode code) => message.Length >= MinPacket && message[0] == (byte)code
        && BinaryPrimitives.ReadUInt16BigEndian(message[2..]) == message.Length;

    /// <summary>The EAP packet: all EAP-Message attributes, in order.</summary>
    private static byte[] MessageOf(in RadiusPacket answer)
    {
        Span<byte> message = stackalloc byte[RadiusPacket.MaxSize];
        var length = 0;
        foreach (var attribute in answer.Attributes)
        {
            if (attribute.Type != AttributeType.EapMessage)
                continue;

            attribute.Value.CopyTo(message[length..]);
            length += attribute.Value.Length;
        }

        return message[..length].ToArray();
    }
}
