using System.Buffers.Binary;

namespace L2tpd.Protocol;

/// <summary>
/// The 12-octet control message header. Both versions use the same twelve octets: v2 splits the second word into
/// Tunnel ID and Session ID (RFC 2661 section 3.1), v3 has one Control Connection ID there (RFC 3931 section 3.2.1).
/// </summary>
/// <param name="Version">Ver.</param>
/// <param name="Length">The Length field: octets of the whole message, 12 for a ZLB.</param>
/// <param name="TunnelId">The receiver's tunnel id (v2) or control connection id (v3), 0 when not learned.</param>
/// <param name="SessionId">The receiver's session id (v2); always 0 in v3, where sessions are named by AVPs.</param>
/// <param name="Ns">Sequence number of this message.</param>
/// <param name="Nr">Sequence number expected next from the receiver.</param>
public readonly record struct ControlHeader(ProtocolVersion Version, int Length, uint TunnelId, ushort SessionId, ushort Ns, ushort Nr)
{
    /// <summary>Octets of the header.</summary>
    public const int Size = 12;

    /// <summary>True for a Zero-Length Body message: an acknowledgement that takes no Ns slot.</summary>
    public bool IsZlb => Length == Size;

    /// <summary>Overwrites Ns and Nr in an encoded message; a retransmission keeps Ns and refreshes Nr (RFC 2661 section 5.8).</summary>
    public static void PatchSequence(Span<byte> message, ushort ns, ushort nr)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message[8..], ns);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], nr);
    }
}
