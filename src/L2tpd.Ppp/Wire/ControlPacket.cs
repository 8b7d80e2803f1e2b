using System.Buffers.Binary;

namespace L2tpd.Ppp.Wire;

/// <summary>A control packet <c>code:1 id:1 length:2 data</c> (RFC 1661 section 5); PAP and CHAP packets have the same form.</summary>
public readonly ref struct ControlPacket
{
    /// <summary>Octets of code, id and length.</summary>
    public const int HeaderLength = 4;

    private ControlPacket(byte code, byte id, ReadOnlySpan<byte> whole)
    {
        Code = code;
        Id = id;
        Whole = whole;
    }

    /// <summary>The code; see <see cref="ControlCode"/> for LCP and the NCPs.</summary>
    public byte Code { get; }

    /// <summary>The identifier.</summary>
    public byte Id { get; }

    /// <summary>Header and data, without padding.</summary>
    public ReadOnlySpan<byte> Whole { get; }

    /// <summary>The octets after the header, without padding.</summary>
    public ReadOnlySpan<byte> Data => Whole[HeaderLength..];

    /// <summary>Reads a packet. Octets beyond its length field are padding.</summary>
    /// <returns>False if the length field is below 4 or exceeds what was received: such packets are silently discarded.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, out ControlPacket packet)
    {
        packet = default;
        if (octets.Length < HeaderLength)
            return false;

        int length = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        if (length < HeaderLength || length > octets.Length)
            return false;

        packet = new ControlPacket(octets[0], octets[1], octets[..length]);
        return true;
    }
}
