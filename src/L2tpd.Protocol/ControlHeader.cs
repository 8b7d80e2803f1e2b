using System.Buffers.Binary;

namespace L2tpd.Protocol;

/// <summary>
/// The 12-octet control message header. Both versions use the same twelve octets: v2 splits the second word into Tunnel ID and Session ID
/// (RFC 2661 section 3.1), v3 has one Control Connection ID there (RFC 3931 section 3.2.1).
/// </summary>
/// <param name="Version">Ver.</param>
/// <param name="Length">The Length field: octets of the whole message, 12 for a ZLB.</param>
/// <param name="TunnelId">The receiver's tunnel id (v2) or control connection id (v3), 0 if the sender does not know it yet.</param>
/// <param name="SessionId">The receiver's session id (v2); always 0 in v3, where AVPs identify sessions.</param>
/// <param name="Ns">Sequence number of this message.</param>
/// <param name="Nr">Sequence number expected next from the receiver.</param>
public readonly record struct ControlHeader(
    ProtocolVersion Version, int Length, TunnelId TunnelId, SessionId SessionId, ushort Ns, ushort Nr)
{
    /// <summary>Octets of the header.</summary>
    public const int Size = 12;

    /// <summary>Whether it is a Zero-Length Body message: an acknowledgement that takes no Ns slot.</summary>
    public bool IsZlb => Length == Size;

    internal const int TypeBit = 0x8000;
    internal const int LengthBit = 0x4000;
    internal const int SequenceBit = 0x0800;
    internal const int OffsetBit = 0x0200;
    internal const int VersionMask = 0x000F;

    /// <summary>
    /// Reads the header. Ver is read first, because the meaning of the other bits depends on it. Reserved bits and P are ignored (RFC 2661
    /// section 3.1); v3 ignores O as well (RFC 3931 section 3.2.1).
    /// </summary>
    /// <param name="datagram">The packet from its flag word on; octets after Length are allowed.</param>
    /// <param name="header">The header.</param>
    /// <param name="error">The error if the result is <c>false</c>.</param>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out ControlHeader header, out DecodeError error)
    {
        header = default;
        error = Check(datagram, out var version, out var length);
        if (error.Kind != DecodeErrorKind.None)
            return false;
        var ns = BinaryPrimitives.ReadUInt16BigEndian(datagram[8..]);
        var nr = BinaryPrimitives.ReadUInt16BigEndian(datagram[10..]);
        var id = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]);
        header = version == ProtocolVersion.V2
            ? new ControlHeader(version, length, new TunnelId(id >> 16), new SessionId((ushort)id), ns, nr)
            : new ControlHeader(version, length, new TunnelId(id), SessionId.None, ns, nr);
        return true;
    }

    /// <summary>Writes the twelve octets to <paramref name="destination"/>, which must have room for them.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(TypeBit | LengthBit | SequenceBit | (int)Version));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Length);
        var ids = Version == ProtocolVersion.V2 ? (TunnelId.Value << 16) | (ushort)SessionId.Value : TunnelId.Value;
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ids);
        PatchSequence(destination, Ns, Nr);
    }

    /// <summary>Overwrites Ns and Nr in an encoded message; a retransmission keeps Ns and refreshes Nr (RFC 2661 section 5.8).</summary>
    public static void PatchSequence(Span<byte> message, ushort ns, ushort nr)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message[8..], ns);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], nr);
    }

    private static DecodeError Check(ReadOnlySpan<byte> datagram, out ProtocolVersion version, out int length)
    {
        version = default;
        length = 0;
        if (datagram.Length < sizeof(ushort))
            return new DecodeError(DecodeErrorKind.BadHeaderLength, 0);
        int flags = BinaryPrimitives.ReadUInt16BigEndian(datagram);
        version = (ProtocolVersion)(flags & VersionMask);
        if (version is not (ProtocolVersion.V2 or ProtocolVersion.V3))
            return new DecodeError(DecodeErrorKind.BadVersion, 0);
        const int Required = TypeBit | LengthBit | SequenceBit;
        var hasOffset = version == ProtocolVersion.V2 && (flags & OffsetBit) != 0;
        if ((flags & Required) != Required || hasOffset)
            return new DecodeError(DecodeErrorKind.BadHeaderFlags, 0);
        if (datagram.Length < Size)
            return new DecodeError(DecodeErrorKind.BadHeaderLength, datagram.Length);
        length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        return length < Size || length > datagram.Length ? new DecodeError(DecodeErrorKind.BadHeaderLength, 2) : default;
    }
}
