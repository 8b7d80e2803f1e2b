using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol;

/// <summary>What kind of L2TP packet a UDP payload is: Ver first, then T (l2tpv2.md section 1).</summary>
public enum PacketKind
{
    /// <summary>Too short to tell, or Ver is neither 2 nor 3 (1 is L2F).</summary>
    Unknown = 0,
    Control,
    Data,
}

/// <summary>Per-peer inputs of the decoder.</summary>
/// <param name="HidingKey">Shared secret (v2) or derived hiding key (v3); null: hidden AVPs cannot be read.</param>
/// <param name="IgnoreUnknownMandatory">Quirk: treat an unknown M=1 AVP as if M were 0.</param>
public readonly record struct DecodeOptions(byte[]? HidingKey = null, bool IgnoreUnknownMandatory = false);

/// <summary>Result of decoding a message's AVPs.</summary>
/// <param name="Type">The Message Type value, 0 when not even that could be read.</param>
/// <param name="Message">The message; null with an error, and for an unknown message type with M=0, which is to be ignored.</param>
/// <param name="Error">Kind None when all is well.</param>
/// <param name="PeerSessionId">The sender's session id as far as it could be read, also when decoding failed; 0 if not. For the CDN.</param>
/// <param name="PeerTunnelId">The sender's tunnel id likewise, for the StopCCN.</param>
/// <param name="IgnoredAvps">How many AVPs were ignored by the rules of l2tpv2.md 2.1.</param>
public readonly record struct DecodedMessage(
    MessageType Type, ControlMessage? Message, DecodeError Error, uint PeerSessionId, uint PeerTunnelId, int IgnoredAvps);

/// <summary>Per-peer inputs of the encoder.</summary>
/// <param name="HidingKey">When not null, every AVP that may be hidden is (l2tpv2.md section 6).</param>
/// <param name="RandomVector">16 or more fresh random octets; required with a hiding key.</param>
public readonly record struct EncodeOptions(byte[]? HidingKey = null, byte[]? RandomVector = null);

/// <summary>Bytes to messages and back. Never throws on any input from the network.</summary>
public static class MessageCodec
{
    /// <summary>The largest control message we build, octets.</summary>
    public const int MaxMessageSize = 1460;

    /// <summary>Tells control from data, and L2TP from other things.</summary>
    public static PacketKind Classify(ReadOnlySpan<byte> datagram) => throw new NotImplementedException();

    /// <summary>Reads and checks the control header. On false the packet is dropped without an answer (l2tpv2.md 2.1, last row).</summary>
    public static bool TryDecodeHeader(ReadOnlySpan<byte> datagram, out ControlHeader header, out DecodeError error) =>
        throw new NotImplementedException();

    /// <summary>
    /// Decodes the AVPs of a message whose header was accepted. <paramref name="datagram"/> starts at the flag word;
    /// octets past <see cref="ControlHeader.Length"/> are ignored.
    /// </summary>
    public static DecodedMessage Decode(in ControlHeader header, ReadOnlySpan<byte> datagram, in DecodeOptions options) =>
        throw new NotImplementedException();

    /// <summary>
    /// Reads the Host Name AVP of an SCCRQ or SCCRP without decoding the rest: it is never hidden, and it selects the
    /// peer profile whose secret the rest may need. Null when absent or unreadable.
    /// </summary>
    public static string? PeekHostName(in ControlHeader header, ReadOnlySpan<byte> datagram) => throw new NotImplementedException();

    /// <summary>
    /// Encodes header and AVPs; Ns and Nr are left 0 for the reliable channel to fill in. For a v2 session message the
    /// header's Session ID is <see cref="SessionMessage.RemoteSessionId"/>.
    /// </summary>
    /// <returns>Octets written, or 0 when <paramref name="destination"/> is too small.</returns>
    public static int Encode(ControlMessage message, ProtocolVersion version, uint tunnelId, in EncodeOptions options, Span<byte> destination) =>
        throw new NotImplementedException();

    /// <summary>Writes a ZLB (12 octets) and returns its size.</summary>
    public static int EncodeZlb(ProtocolVersion version, uint tunnelId, ushort ns, ushort nr, Span<byte> destination) =>
        throw new NotImplementedException();
}
