using System.Buffers.Binary;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Admission;

/// <summary>
/// FNV-1a over the AVPs of an SCCRQ, Message Digests excluded because they cover Nr. A retransmission has the same fingerprint; a peer that
/// started again has another, because its challenge or nonce is new. No secret depends on it.
/// </summary>
internal static class Fingerprint
{
    private const int HeaderSize = 6;
    private const int LengthMask = 0x03ff;
    private const ulong Basis = 14695981039346656037UL;
    private const ulong Prime = 1099511628211UL;

    public static ulong Of(ReadOnlySpan<byte> avps)
    {
        var hash = Basis;
        while (!avps.IsEmpty)
        {
            // Octets that are no AVP are hashed as they are: such a message is refused anyway.
            var length = avps.Length < HeaderSize ? avps.Length : BinaryPrimitives.ReadUInt16BigEndian(avps) & LengthMask;
            if (length < HeaderSize || length > avps.Length)
                length = avps.Length;
            if (!IsDigest(avps[..length]))
                hash = Add(hash, avps[..length]);
            avps = avps[length..];
        }

        return hash;
    }

    private static bool IsDigest(ReadOnlySpan<byte> avp) =>
        avp.Length >= HeaderSize && BinaryPrimitives.ReadUInt16BigEndian(avp[2..]) == 0
        && BinaryPrimitives.ReadUInt16BigEndian(avp[4..]) == (ushort)AvpType.MessageDigest;

    private static ulong Add(ulong hash, ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
            hash = (hash ^ octet) * Prime;
        return hash;
    }
}
