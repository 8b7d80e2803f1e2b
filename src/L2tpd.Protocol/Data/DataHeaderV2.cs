using System.Buffers.Binary;

namespace L2tpd.Protocol.Data;

/// <summary>The header of an L2TPv2 data message (RFC 2661 section 3.1): 6 octets, and 2 with L, 4 with S, 2 and the pad with O.</summary>
/// <param name="TunnelId">The receiver's tunnel id.</param>
/// <param name="SessionId">The receiver's session id.</param>
/// <param name="IsSequenced">Whether S is set, so that <paramref name="Ns"/> is valid.</param>
/// <param name="Ns">The packet's sequence number. Nr is reserved in data messages and not kept.</param>
/// <param name="HasPriority">Whether P is set.</param>
/// <param name="PayloadOffset">Offset of the PPP frame.</param>
/// <param name="PayloadLength">Octets of the PPP frame; 0 is possible.</param>
public readonly record struct DataHeaderV2(
    TunnelId TunnelId, SessionId SessionId, bool IsSequenced, ushort Ns, bool HasPriority, int PayloadOffset, int PayloadLength)
{
    /// <summary>The longest header that <see cref="Write"/> makes: Length, ids, Ns and Nr.</summary>
    public const int MaxSize = 12;

    private const int PriorityBit = 0x0100;

    /// <summary>Reads the header of a data message. All lengths in it are checked against the datagram.</summary>
    /// <param name="datagram">The UDP payload, flag word first.</param>
    /// <param name="header">The header.</param>
    /// <param name="error">The error if the result is <c>false</c>: the packet must be dropped.</param>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out DataHeaderV2 header, out DecodeError error)
    {
        header = default;
        error = default;
        if (datagram.Length < sizeof(ushort))
            return Fail(DecodeErrorKind.BadHeaderLength, 0, out error);
        int flags = BinaryPrimitives.ReadUInt16BigEndian(datagram);
        if ((flags & ControlHeader.VersionMask) != (int)ProtocolVersion.V2)
            return Fail(DecodeErrorKind.BadVersion, 0, out error);
        if ((flags & ControlHeader.TypeBit) != 0)
            return Fail(DecodeErrorKind.BadHeaderFlags, 0, out error);

        var fixedSize = 6 + ((flags & ControlHeader.LengthBit) != 0 ? 2 : 0) + ((flags & ControlHeader.SequenceBit) != 0 ? 4 : 0)
            + ((flags & ControlHeader.OffsetBit) != 0 ? 2 : 0);
        if (datagram.Length < fixedSize)
            return Fail(DecodeErrorKind.BadHeaderLength, datagram.Length, out error);

        var at = 2;
        var end = datagram.Length;
        if ((flags & ControlHeader.LengthBit) != 0)
        {
            end = BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            if (end < fixedSize || end > datagram.Length)
                return Fail(DecodeErrorKind.BadHeaderLength, at, out error);
            at += 2;
        }

        var tunnel = new TunnelId(BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]));
        var session = new SessionId(BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]));
        at += 4;
        var isSequenced = (flags & ControlHeader.SequenceBit) != 0;
        ushort ns = 0;
        if (isSequenced)
        {
            ns = BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            at += 4;
        }

        if ((flags & ControlHeader.OffsetBit) != 0)
        {
            int pad = BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            // The pad must end inside the message, or the payload would begin after the packet.
            if (pad > end - at - 2)
                return Fail(DecodeErrorKind.BadHeaderLength, at, out error);
            at += 2 + pad;
        }

        header = new DataHeaderV2(tunnel, session, isSequenced, ns, (flags & PriorityBit) != 0, at, end - at);
        return true;
    }

    /// <summary>
    /// Writes the header for <see cref="PayloadLength"/> octets of payload. O is never set. <see cref="PayloadOffset"/> is not used.
    /// </summary>
    /// <param name="destination">Room for <see cref="MaxSize"/> octets.</param>
    /// <param name="withLength">Whether to set L and write the Length field.</param>
    /// <returns>Octets written: 6, 8, 10 or 12; 0 if there is no room, or the Length field cannot hold the size.</returns>
    public int Write(Span<byte> destination, bool withLength)
    {
        var size = 6 + (withLength ? 2 : 0) + (IsSequenced ? 4 : 0);
        if (destination.Length < size || (withLength && size + PayloadLength > ushort.MaxValue))
            return 0;
        var flags = (int)ProtocolVersion.V2 | (withLength ? ControlHeader.LengthBit : 0) | (IsSequenced ? ControlHeader.SequenceBit : 0)
            | (HasPriority ? PriorityBit : 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)flags);
        var at = 2;
        if (withLength)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)(size + PayloadLength));
            at += 2;
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)TunnelId.Value);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 2)..], (ushort)SessionId.Value);
        if (IsSequenced)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 4)..], Ns);
            BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 6)..], 0);
        }

        return size;
    }

    private static bool Fail(DecodeErrorKind kind, int offset, out DecodeError error)
    {
        error = new DecodeError(kind, offset);
        return false;
    }
}
