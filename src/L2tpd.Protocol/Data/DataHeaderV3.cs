using System.Buffers.Binary;
using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Data;

/// <summary>What carries L2TPv3.</summary>
public enum DataCarrier
{
    /// <summary>UDP: a flag word and two reserved octets come before the Session ID.</summary>
    Udp,

    /// <summary>IP protocol 115: the Session ID comes first, and is 0 in control messages.</summary>
    Ip,
}

/// <summary>What follows the Session ID; the session knows, the packet does not say (RFC 3931 section 4.1).</summary>
/// <param name="CookieSize">0, 4 or 8 octets.</param>
/// <param name="Sublayer">None or Default; the other sublayers are 4 octets as well and are read as the default one.</param>
public readonly record struct DataFormatV3(int CookieSize, L2SpecificSublayer Sublayer)
{
    internal int Size => CookieSize + (Sublayer == L2SpecificSublayer.None ? 0 : DataHeaderV3.SublayerSize);
}

/// <summary>
/// The header of an L2TPv3 data message (RFC 3931 sections 4.1 and 4.6): Session ID, cookie, default L2-specific
/// sublayer. Reading goes in two steps because only the session, found by its id, says what follows.
/// </summary>
/// <param name="SessionId">The receiver's session id, not 0.</param>
/// <param name="Cookie">The cookie as a big-endian number of <paramref name="CookieSize"/> octets.</param>
/// <param name="CookieSize">0, 4 or 8.</param>
/// <param name="HasSublayer">The default sublayer is there.</param>
/// <param name="IsSequenced">The sublayer's S bit: <paramref name="Sequence"/> is meaningful.</param>
/// <param name="Sequence">24-bit sequence number.</param>
/// <param name="PayloadOffset">Where the tunnelled frame starts.</param>
public readonly record struct DataHeaderV3(
    uint SessionId, ulong Cookie, int CookieSize, bool HasSublayer, bool IsSequenced, uint Sequence, int PayloadOffset)
{
    /// <summary>The longest header: UDP words, Session ID, 8 octets of cookie, sublayer.</summary>
    public const int MaxSize = 20;

    /// <summary>Sequence numbers count modulo this.</summary>
    public const uint SequenceModulus = 1 << 24;

    internal const int SublayerSize = 4;

    private const uint SublayerSequenceBit = 0x4000_0000;
    private const int UdpWordsSize = 4;

    /// <summary>Reads the Session ID: enough to find the session.</summary>
    /// <param name="packet">The UDP payload, or the IP payload.</param>
    /// <param name="carrier">Which of the two.</param>
    /// <param name="sessionId">The receiver's session id, not 0.</param>
    /// <param name="error">Why not, when false: the packet is to be dropped.</param>
    public static bool TryReadSessionId(ReadOnlySpan<byte> packet, DataCarrier carrier, out uint sessionId, out DecodeError error)
    {
        sessionId = 0;
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
        sessionId = BinaryPrimitives.ReadUInt32BigEndian(packet[at..]);
        return sessionId != 0 || Fail(DecodeErrorKind.BadValue, at, out error);
    }

    /// <summary>Reads the whole header, the session's format being known. The cookie is read, not judged.</summary>
    /// <param name="packet">The UDP payload, or the IP payload.</param>
    /// <param name="carrier">Which of the two.</param>
    /// <param name="format">What the session has behind the Session ID.</param>
    /// <param name="header">The header.</param>
    /// <param name="error">Why not, when false: the packet is to be dropped.</param>
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
    /// <returns>Octets written, or 0 when there is no room.</returns>
    public int Write(Span<byte> destination, DataCarrier carrier)
    {
        var at = IdOffset(carrier);
        var size = at + sizeof(uint) + CookieSize + (HasSublayer ? SublayerSize : 0);
        if (destination.Length < size)
            return 0;
        if (carrier == DataCarrier.Udp)
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)ProtocolVersion.V3 << 16);
        BinaryPrimitives.WriteUInt32BigEndian(destination[at..], SessionId);
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
