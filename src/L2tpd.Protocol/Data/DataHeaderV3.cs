using System.Buffers.Binary;
using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Data;

/// <summary>The protocol below L2TPv3.</summary>
public enum DataCarrier : byte
{
    /// <summary>UDP: a flag word and two reserved octets come before the Session ID.</summary>
    Udp,

    /// <summary>IP protocol 115: the Session ID comes first, and is 0 in control messages.</summary>
    Ip,
}

/// <summary>The fields after the Session ID. The session defines them; the packet does not (RFC 3931 section 4.1).</summary>
/// <param name="CookieSize">0, 4 or 8 octets.</param>
/// <param name="Sublayer">None or Default; the other sublayers also have 4 octets and are read as the default one.</param>
public readonly record struct DataFormatV3(int CookieSize, L2SpecificSublayer Sublayer)
{
    internal int Size => CookieSize + (Sublayer == L2SpecificSublayer.None ? 0 : DataHeaderV3.SublayerSize);
}

/// <summary>
/// The header of an L2TPv3 data message (RFC 3931 sections 4.1 and 4.6): Session ID, cookie, default L2-specific sublayer. It is read in
/// two steps, because the session, found by its id, defines what follows.
/// </summary>
/// <param name="SessionId">The receiver's session id, not 0.</param>
/// <param name="Cookie">The cookie as a big-endian number of <paramref name="CookieSize"/> octets.</param>
/// <param name="CookieSize">0, 4 or 8.</param>
/// <param name="HasSublayer">Whether the default sublayer is present.</param>
/// <param name="IsSequenced">The sublayer's S bit: whether <paramref name="Sequence"/> is valid.</param>
/// <param name="Sequence">24-bit sequence number.</param>
/// <param name="PayloadOffset">Offset of the tunnelled frame.</param>
public readonly record struct DataHeaderV3(
    SessionId SessionId, ulong Cookie, int CookieSize, bool HasSublayer, bool IsSequenced, uint Sequence, int PayloadOffset)
{
    /// <summary>The longest header: UDP words, Session ID, 8 octets of cookie, sublayer.</summary>
    public const int MaxSize = 20;

    /// <summary>The modulus of sequence numbers.</summary>
    public const uint SequenceModulus = 1 << 24;

    internal const int SublayerSize = 4;

    private const uint SublayerSequenceBit = 0x4000_0000;
    private const int UdpWordsSize = 4;

    /// <summary>Reads the Session ID, which is enough to find the session.</summary>
    /// <param name="packet">The UDP payload, or the IP payload.</param>
    /// <param name="carrier">UDP or IP.</param>
    /// <param name="sessionId">The receiver's session id, not 0.</param>
    /// <param name="error">The error if the result is <c>false</c>: the packet must be dropped.</param>
    public static bool TryReadSessionId(ReadOnlySpan<byte> packet, DataCarrier carrier, out SessionId sessionId, out DecodeError error)
    {
        sessionId = SessionId.None;
        error = default;
        var at = 0;
        if (carrier == DataCarrier.Udp)
        {
            if (packet.Length < sizeof(ushort))
                return Fail(DecodeErrorKind.BadHeaderLength, 0, out error);
            int flags = BinaryPrimitives.ReadUInt16BigEndian(packet);
            if ((flags & ControlHeader.VersionMask) != (int)ProtocolVersion.V3)
                return Fail(DecodeErrorKind.BadVersion, 0, out error);
            if ((flags & ControlHeader.TypeBit) != 0)
                return Fail(DecodeErrorKind.BadHeaderFlags, 0, out error);
            at = UdpWordsSize;
        }

        if (packet.Length < at + sizeof(uint))
            return Fail(DecodeErrorKind.BadHeaderLength, packet.Length, out error);
        sessionId = new(BinaryPrimitives.ReadUInt32BigEndian(packet[at..]));
        return !sessionId.IsNone || Fail(DecodeErrorKind.BadValue, at, out error);
    }

    /// <summary>Reads the whole header, in the format of the session. The cookie is not verified.</summary>
    /// <param name="packet">The UDP payload, or the IP payload.</param>
    /// <param name="carrier">UDP or IP.</param>
    /// <param name="format">The fields of the session after the Session ID.</param>
    /// <param name="header">The header.</param>
    /// <param name="error">The error if the result is <c>false</c>: the packet must be dropped.</param>
    public static bool TryRead(ReadOnlySpan<byte> packet, DataCarrier carrier, DataFormatV3 format, out DataHeaderV3 header,
        out DecodeError error)
    {
        header = default;
        if (!TryReadSessionId(packet, carrier, out var sessionId, out error))
            return false;
        var at = IdOffset(carrier) + sizeof(uint);
        if (packet.Length < at + format.Size)
            return Fail(DecodeErrorKind.BadHeaderLength, packet.Length, out error);
        ulong cookie = format.CookieSize switch
        {
            4 => BinaryPrimitives.ReadUInt32BigEndian(packet[at..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(packet[at..]),
            _ => 0,
        };
        at += format.CookieSize;
        var hasSublayer = format.Sublayer != L2SpecificSublayer.None;
        var word = hasSublayer ? BinaryPrimitives.ReadUInt32BigEndian(packet[at..]) : 0;
        at += hasSublayer ? SublayerSize : 0;
        header = new DataHeaderV3(
            sessionId, cookie, format.CookieSize, hasSublayer, (word & SublayerSequenceBit) != 0, word & (SequenceModulus - 1), at);
        return true;
    }

    /// <summary>Writes the header; <see cref="PayloadOffset"/> is not used.</summary>
    /// <param name="destination">Room for <see cref="MaxSize"/> octets.</param>
    /// <param name="carrier">UDP or IP.</param>
    /// <returns>Octets written, or 0 if there is no room.</returns>
    public int Write(Span<byte> destination, DataCarrier carrier)
    {
        var at = IdOffset(carrier);
        var size = at + sizeof(uint) + CookieSize + (HasSublayer ? SublayerSize : 0);
        if (destination.Length < size)
            return 0;
        if (carrier == DataCarrier.Udp)
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)ProtocolVersion.V3 << 16);
        BinaryPrimitives.WriteUInt32BigEndian(destination[at..], SessionId.Value);
        at += sizeof(uint);
        if (CookieSize == 4)
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], (uint)Cookie);
        else if (CookieSize == 8)
            BinaryPrimitives.WriteUInt64BigEndian(destination[at..], Cookie);
        at += CookieSize;
        if (HasSublayer)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..],
                IsSequenced ? SublayerSequenceBit | (Sequence & (SequenceModulus - 1)) : 0);
        }

        return size;
    }

    private static int IdOffset(DataCarrier carrier) => carrier == DataCarrier.Udp ? UdpWordsSize : 0;

    private static bool Fail(DecodeErrorKind kind, int offset, out DecodeError error)
    {
        error = new DecodeError(kind, offset);
        return false;
    }
}
