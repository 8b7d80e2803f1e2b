using System.Buffers.Binary;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Protocol.V2;

namespace L2tpd.Protocol;

/// <summary>The steps from a message's octets to its record, the same for both versions: type, AVPs, required AVPs, fields.</summary>
internal static class MessageDecoder
{
    private const int MessageTypeValueSize = sizeof(ushort);

    public static DecodedMessage Decode(
        in ControlHeader header, ReadOnlySpan<byte> message, in DecodeOptions options, Span<uint> slots, Span<byte> scratch)
    {
        DecodeError error = ReadType(message, header.Version, out MessageType type);
        if (error.Kind is not (DecodeErrorKind.None or DecodeErrorKind.UnknownMessageType))
            return new DecodedMessage(type, null, error, 0, 0, 0);

        var fields = new AvpFields(message, AvpTable.V2, slots, scratch);
        var rules = new AvpRules(ReservedBitsMakeUnrecognised: true, options.IgnoreUnknownMandatory, MessageTypes.IsTeardown(type));
        bool isKnown = MessageTypes.IsKnown(type, header.Version);
        fields.Collect(rules, options.HidingKey);
        if (isKnown)
        {
            fields.Require(MessageTypes.RequiredV2(type));
            error = fields.Error;
        }
        ControlMessage? decoded = isKnown && error.Kind == DecodeErrorKind.None ? MessageReaderV2.Read(type, fields, header.SessionId) : null;
        return new DecodedMessage(
            type, decoded, error, fields.UInt16(AvpType.AssignedSessionId), fields.UInt16(AvpType.AssignedTunnelId), fields.Ignored);
    }

    /// <summary>
    /// Reads the Message Type AVP, which comes first and is never hidden. An unknown type with M=0 is no error: the
    /// message is to be ignored, though it was received in sequence.
    /// </summary>
    private static DecodeError ReadType(ReadOnlySpan<byte> message, ProtocolVersion version, out MessageType type)
    {
        type = default;
        var reader = new AvpReader(message);
        if (!reader.TryRead(out Avp first))
            return new DecodeError(DecodeErrorKind.BadAvpLength, ControlHeader.Size);
        bool isUnrecognised = version == ProtocolVersion.V2 && first.HasReservedBits;
        if (!first.Is(AvpType.MessageType) || first.IsHidden || isUnrecognised)
            return new DecodeError(DecodeErrorKind.MissingMessageType, ControlHeader.Size, first.VendorId, first.Type);
        if (first.Value.Length != MessageTypeValueSize)
            return new DecodeError(DecodeErrorKind.BadValueLength, ControlHeader.Size);
        type = (MessageType)BinaryPrimitives.ReadUInt16BigEndian(first.Value);
        return MessageTypes.IsKnown(type, version) || !first.IsMandatory
            ? default
            : new DecodeError(DecodeErrorKind.UnknownMessageType, ControlHeader.Size);
    }
}
