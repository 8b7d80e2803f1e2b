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
/// <param name="PeerSessionId">The sender's session id as far as it could be read, also when decoding failed; 0 if not. For the
/// CDN.</param>
/// <param name="PeerTunnelId">The sender's tunnel id likewise, for the StopCCN.</param>
/// <param name="IgnoredAvps">How many AVPs were ignored by the rules of l2tpv2.md 2.1.</param>
public readonly record struct DecodedMessage(
    MessageType Type, ControlMessage? Message, DecodeError Error, uint PeerSessionId, uint PeerTunnelId, int IgnoredAvps)
{
    /// <summary>Our session id as far as it could be read: of the header in v2, AVP 64 in v3; 0 if not. For the CDN.</summary>
    public uint OurSessionId { get; init; }
}

/// <summary>Per-peer inputs of the encoder.</summary>
/// <param name="HidingKey">When not null, every AVP that may be hidden is (l2tpv2.md section 6).</param>
/// <param name="RandomVector">16 or more fresh random octets; required with a hiding key.</param>
/// <param name="Digest">
/// v3: leaves room for a Message Digest AVP of this type, which <see cref="MessageDigest.Seal"/> fills in; null: none.
/// </param>
/// <param name="SecondDigest">v3: a second Message Digest AVP, while a secret or an algorithm is being changed.</param>
public readonly record struct EncodeOptions(
    byte[]? HidingKey = null, byte[]? RandomVector = null, DigestType? Digest = null, DigestType? SecondDigest = null);

/// <summary>Bytes to messages and back. Never throws on any input from the network.</summary>
public static class MessageCodec
{
    /// <summary>The largest control message we build, octets.</summary>
    public const int MaxMessageSize = 1460;

    /// <summary>Messages up to this long are unhidden on the stack.</summary>
    private const int StackScratch = 2048;

    /// <summary>Tells control from data, and L2TP from other things.</summary>
    public static PacketKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < sizeof(ushort))
            return PacketKind.Unknown;
        int flags = BinaryPrimitives.ReadUInt16BigEndian(datagram);
        if ((flags & ControlHeader.VersionMask) is not (int)ProtocolVersion.V2 and not (int)ProtocolVersion.V3)
            return PacketKind.Unknown;
        return (flags & ControlHeader.TypeBit) != 0 ? PacketKind.Control : PacketKind.Data;
    }

    /// <summary>Reads and checks the control header. On false the packet is dropped without an answer (l2tpv2.md 2.1, last row).</summary>
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
    /// Reads the Host Name AVP of an SCCRQ or SCCRP without decoding the rest: it is never hidden, and it selects the
    /// peer profile whose secret the rest may need. Null when absent or unreadable.
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
    /// Encodes header and AVPs; Ns and Nr are left 0 for the reliable channel to fill in. For a v2 session message the
    /// header's Session ID is <see cref="SessionMessage.RemoteSessionId"/>.
    /// </summary>
    /// <returns>Octets written, or 0 when <paramref name="destination"/> is too small.</returns>
    /// <exception cref="ArgumentException">The version has no such message, or hiding lacks a random vector.</exception>
    public static int Encode(ControlMessage message, ProtocolVersion version, uint tunnelId, in EncodeOptions options,
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
        var sessionId = message is SessionMessage session ? (ushort)session.RemoteSessionId : (ushort)0;
        new ControlHeader(version, writer.Position, tunnelId, sessionId, 0, 0).Write(destination);
        return writer.Position;
    }

    /// <summary>Writes a ZLB (12 octets) and returns its size, or 0 when <paramref name="destination"/> is too small.</summary>
    public static int EncodeZlb(ProtocolVersion version, uint tunnelId, ushort ns, ushort nr, Span<byte> destination)
    {
        if (destination.Length < ControlHeader.Size)
            return 0;
        new ControlHeader(version, ControlHeader.Size, tunnelId, 0, ns, nr).Write(destination);
        return ControlHeader.Size;
    }

    /// <summary>The octets the header's Length covers; a Length that does not fit the datagram cannot lead past it.</summary>
    private static ReadOnlySpan<byte> Body(in ControlHeader header, ReadOnlySpan<byte> datagram) =>
        header.Length < ControlHeader.Size || header.Length > datagram.Length || datagram.Length < ControlHeader.Size
            ? datagram[..Math.Min(datagram.Length, ControlHeader.Size)]
            : datagram[..header.Length];
}
