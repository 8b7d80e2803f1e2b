using System.Buffers.Binary;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Protocol.V2;
using L2tpd.Protocol.V3;

namespace L2tpd.Protocol;

/// <summary>The steps from a message's octets to its record, the same for both versions: type, AVPs, required AVPs, fields.</summary>
internal static class MessageDecoder
{
    private const int MessageTypeValueSize = sizeof(ushort);

    public static DecodedMessage Decode(
        in ControlHeader header, ReadOnlySpan<byte> message, in DecodeOptions options, Span<uint> slots, Span<byte> scratch)
    {
        var error = ReadType(message, header.Version, out var type);
        if (error.Kind is not (DecodeErrorKind.None or DecodeErrorKind.UnknownMessageType))
            return new DecodedMessage(type, null, error, SessionId.None, TunnelId.None, 0);

        var isV2 = header.Version == ProtocolVersion.V2;
        var fields = new AvpFields(message, TableFor(isV2, type, message), slots, scratch);
        var rules = new AvpRules(ReservedBitsMakeUnrecognised: isV2, options.IgnoreUnknownMandatory, MessageTypes.IsTeardown(type));
        fields.Collect(rules, options.HidingKey);

        ControlMessage? decoded = null;
        if (MessageTable.Of(header.Version).Find(type) is MessageDefinition definition)
        {
            fields.Require(definition.Required);
            error = fields.Error;
            if (error.Kind == DecodeErrorKind.None)
                decoded = isV2 ? MessageReaderV2.Read(type, fields, header.SessionId) : MessageReaderV3.Read(type, fields);
        }

        var sessionId = isV2 ? fields.UInt16(AvpType.AssignedSessionId) : fields.UInt32(AvpType.LocalSessionId);
        var tunnelId = isV2 ? fields.UInt16(AvpType.AssignedTunnelId) : fields.UInt32(AvpType.AssignedControlConnectionId);
        return new DecodedMessage(type, decoded, error, new SessionId(sessionId), new TunnelId(tunnelId), fields.Ignored)
        {
            HiddenAvps = fields.Hidden,
            UnreadableAvps = fields.Unreadable,
            OurSessionId = isV2 ? header.SessionId : new(fields.UInt32(AvpType.RemoteSessionId)),
        };
    }

    /// <summary>
    /// Reads the Message Type AVP, which is the first AVP and is never hidden. An unknown type with M=0 is no error: the message is
    /// ignored, but it was received in sequence.
    /// </summary>
    private static DecodeError ReadType(ReadOnlySpan<byte> message, ProtocolVersion version, out MessageType type)
    {
        type = default;
        var reader = new AvpReader(message);
        if (!reader.TryRead(out var first))
            return new DecodeError(DecodeErrorKind.BadAvpLength, ControlHeader.Size);
        var isV2 = version == ProtocolVersion.V2;
        var isVendorMessage = !isV2 && first.VendorId != AvpFormat.IetfVendor && first.Type == (ushort)AvpType.MessageType;
        var isUnrecognised = isV2 && first.HasReservedBits;
        if ((!first.Is(AvpType.MessageType) && !isVendorMessage) || first.IsHidden || isUnrecognised)
            return new DecodeError(DecodeErrorKind.MissingMessageType, ControlHeader.Size, first.VendorId, first.Type);
        if (first.Value.Length != MessageTypeValueSize)
            return new DecodeError(DecodeErrorKind.BadValueLength, ControlHeader.Size, first.VendorId, first.Type);
        // The number of a vendor's message (RFC 3931 section 5.4.1) is defined by the vendor.
        if (!isVendorMessage)
            type = (MessageType)BinaryPrimitives.ReadUInt16BigEndian(first.Value);
        return MessageTypes.IsKnown(type, version) || !first.IsMandatory
            ? default
            : new DecodeError(DecodeErrorKind.UnknownMessageType, ControlHeader.Size, first.VendorId, first.Type);
    }

    private static AvpTable TableFor(bool isV2, MessageType type, ReadOnlySpan<byte> message)
    {
        if (!isV2)
            return AvpTable.V3;
        return type == MessageType.Sccrq && OffersV3(message) ? AvpTable.DualSccrq : AvpTable.V2;
    }

    /// <summary>AVPs 61 and 62 in an SCCRQ with Ver=2: the peer also supports v3 (RFC 3931 section 4.7.3).</summary>
    private static bool OffersV3(ReadOnlySpan<byte> message)
    {
        var hasId = false;
        var hasCapabilities = false;
        var reader = new AvpReader(message);
        while (reader.TryRead(out var avp))
        {
            hasId |= avp.Is(AvpType.AssignedControlConnectionId);
            hasCapabilities |= avp.Is(AvpType.PseudowireCapabilitiesList);
        }

        return hasId && hasCapabilities;
    }
}
