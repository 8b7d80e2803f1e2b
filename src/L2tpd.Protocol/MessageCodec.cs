using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;
using L2tpd.Protocol.V2;
using L2tpd.Protocol.V3;

namespace L2tpd.Protocol;

/// <summary>
/// The kind of an L2TP packet in a UDP payload: Ver is read first, then T (RFC 2661 section 3.1, RFC 3931 section 3.2.1).
/// </summary>
public enum PacketKind
{
    /// <summary>Too short, or Ver is neither 2 nor 3 (1 is L2F).</summary>
    Unknown = 0,
    Control,
    Data,
}

/// <summary>The options of the decoder for one peer.</summary>
/// <param name="HidingKey">Shared secret (v2) or derived hiding key (v3); <c>null</c> if hidden AVPs cannot be read.</param>
/// <param name="IgnoreUnknownMandatory">Quirk: treat an unknown AVP with M=1 as if M were 0.</param>
public readonly record struct DecodeOptions(byte[]? HidingKey = null, bool IgnoreUnknownMandatory = false);

/// <summary>The result of decoding a message's AVPs.</summary>
/// <param name="Type">The Message Type value, 0 if it could not be read.</param>
/// <param name="Message">The message; <c>null</c> with an error, and for an unknown message type with M=0, which must be ignored.</param>
/// <param name="Error">Kind None if there is no error.</param>
/// <param name="PeerSessionId">The sender's session id if it could be read, also after an error; otherwise 0. For the CDN.</param>
/// <param name="PeerTunnelId">The sender's tunnel id in the same way, for the StopCCN.</param>
/// <param name="IgnoredAvps">Number of AVPs that were ignored (RFC 2661 section 4.1).</param>
public readonly record struct DecodedMessage(
    MessageType Type, ControlMessage? Message, DecodeError Error, SessionId PeerSessionId, TunnelId PeerTunnelId, int IgnoredAvps)
{
    /// <summary>Our session id if it could be read: from the header in v2, from AVP 64 in v3; otherwise 0. For the CDN.</summary>
    public SessionId OurSessionId { get; init; }

    /// <summary>Number of hidden AVPs.</summary>
    public int HiddenAvps { get; init; }

    /// <summary>
    /// Number of hidden AVPs that could not be read, or had a length that their type cannot have: the key is not the sender's.
    /// </summary>
    public int UnreadableAvps { get; init; }
}

/// <summary>The options of the encoder for one peer.</summary>
/// <param name="HidingKey">If not <c>null</c>, every AVP that may be hidden is hidden (RFC 2661 section 4.3).</param>
/// <param name="RandomVector">16 or more fresh random octets; required with a hiding key.</param>
/// <param name="Digest">v3: leaves room for a Message Digest AVP of this type, which <see cref="MessageDigest.Seal"/> fills in; <c>null</c>
/// for none.</param>
/// <param name="SecondDigest">v3: a second Message Digest AVP, while a secret or an algorithm is being changed.</param>
public readonly record struct EncodeOptions(
    byte[]? HidingKey = null, byte[]? RandomVector = null, DigestType? Digest = null, DigestType? SecondDigest = null);

/// <summary>
/// Converts octets to messages and back. The static methods have no state and can be called on any thread. Decoding never throws, whatever
/// the network sends: it returns a value or a <see cref="DecodeError"/>.
/// <para>The order of decoding: the header (<see cref="TryDecodeHeader"/>), the verification of v3's digest by the caller
/// (<see cref="MessageDigest"/>), then the AVPs, by the tables of the version (<see cref="AvpTable"/>, <see cref="MessageTable"/>).</para>
/// </summary>
public static class MessageCodec
{
    /// <summary>The longest control message that we build, octets.</summary>
    public const int MaxMessageSize = 1460;

    /// <summary>Messages up to this long are unhidden on the stack.</summary>
    private const int StackScratch = 2048;

    /// <summary>Distinguishes control messages, data messages and other packets.</summary>
    public static PacketKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < sizeof(ushort))
            return PacketKind.Unknown;
        int flags = BinaryPrimitives.ReadUInt16BigEndian(datagram);
        if ((flags & ControlHeader.VersionMask) is not (int)ProtocolVersion.V2 and not (int)ProtocolVersion.V3)
            return PacketKind.Unknown;
        return (flags & ControlHeader.TypeBit) != 0 ? PacketKind.Control : PacketKind.Data;
    }

    /// <summary>Reads and checks the control header. If the result is <c>false</c>, the packet is dropped without an answer.</summary>
    public static bool TryDecodeHeader(ReadOnlySpan<byte> datagram, out ControlHeader header, out DecodeError error) =>
        ControlHeader.TryRead(datagram, out header, out error);

    /// <summary>
    /// Decodes the AVPs of a message whose header was accepted. <paramref name="datagram"/> starts at the flag word;
    /// octets past <see cref="ControlHeader.Length"/> are ignored. A ZLB has type 0, no message and no error.
    /// </summary>
    [SkipLocalsInit]
    public static DecodedMessage Decode(in ControlHeader header, ReadOnlySpan<byte> datagram, in DecodeOptions options)
    {
        var message = Body(header, datagram);
        if (message.Length <= ControlHeader.Size)
            return default;
        byte[]? rented = null;
        var scratch = options.HidingKey is null ? [] : message.Length <= StackScratch
            ? stackalloc byte[StackScratch]
            : rented = ArrayPool<byte>.Shared.Rent(message.Length);
        Span<uint> slots = stackalloc uint[AvpTable.SlotCount];
        slots.Clear();
        var decoded = MessageDecoder.Decode(header, message, options, slots, scratch);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return decoded;
    }

    /// <summary>
    /// Reads the Host Name AVP of an SCCRQ or SCCRP without decoding the rest. It is never hidden, and it selects the peer profile whose
    /// secret the rest may need. <c>null</c> if it is absent or unreadable.
    /// </summary>
    public static string? PeekHostName(in ControlHeader header, ReadOnlySpan<byte> datagram)
    {
        var reader = new AvpReader(Body(header, datagram));
        while (reader.TryRead(out var avp))
        {
            if (avp.Is(AvpType.HostName) && !avp.IsHidden && !avp.Value.IsEmpty)
                return Encoding.Latin1.GetString(avp.Value);
        }

        return null;
    }

    /// <summary>
    /// Encodes header and AVPs; Ns and Nr stay 0 until the reliable channel sets them. The header's Session ID of a v2 session message is
    /// <see cref="SessionMessage.RemoteSessionId"/>.
    /// </summary>
    /// <returns>Octets written, or 0 if <paramref name="destination"/> is too small.</returns>
    /// <exception cref="ArgumentException">The version has no such message, or a random vector for hiding is missing.</exception>
    public static int Encode(ControlMessage message, ProtocolVersion version, TunnelId tunnelId, in EncodeOptions options,
        Span<byte> destination)
    {
        if (destination.Length < ControlHeader.Size)
            return 0;
        var isDual = version == ProtocolVersion.V2 && message is Sccrq { DualControlConnectionId: not null };
        var table = version == ProtocolVersion.V3 ? AvpTable.V3 : isDual ? AvpTable.DualSccrq : AvpTable.V2;
        var definition = MessageTable.Of(version).Find(message.Type)
            ?? throw new ArgumentException($"L2TPv{(int)version} has no {message.Type}.", nameof(message));
        var writer = new AvpWriter(destination, table, options);
        writer.MessageType((ushort)message.Type, definition.Mandatory);
        if (version == ProtocolVersion.V3 || isDual)
        {
            writer.EmptyDigest(options.Digest);
            writer.EmptyDigest(options.SecondDigest);
        }

        if (version == ProtocolVersion.V2)
            MessageWriterV2.Write(ref writer, message);
        else
            MessageWriterV3.Write(ref writer, message);
        if (writer.IsFull)
            return 0;
        var sessionId = message is SessionMessage session ? session.RemoteSessionId : SessionId.None;
        new ControlHeader(version, writer.Position, tunnelId, sessionId, 0, 0).Write(destination);
        return writer.Position;
    }

    /// <summary>Writes a ZLB (12 octets) and returns its size, or 0 if <paramref name="destination"/> is too small.</summary>
    public static int EncodeZlb(ProtocolVersion version, TunnelId tunnelId, ushort ns, ushort nr, Span<byte> destination)
    {
        if (destination.Length < ControlHeader.Size)
            return 0;
        new ControlHeader(version, ControlHeader.Size, tunnelId, SessionId.None, ns, nr).Write(destination);
        return ControlHeader.Size;
    }

    /// <summary>The octets that the header's Length covers, at most the datagram.</summary>
    private static ReadOnlySpan<byte> Body(in ControlHeader header, ReadOnlySpan<byte> datagram) =>
        header.Length < ControlHeader.Size || header.Length > datagram.Length || datagram.Length < ControlHeader.Size
            ? datagram[..Math.Min(datagram.Length, ControlHeader.Size)]
            : datagram[..header.Length];
}
