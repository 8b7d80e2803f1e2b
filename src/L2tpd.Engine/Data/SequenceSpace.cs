using L2tpd.Protocol;

namespace L2tpd.Engine.Data;

/// <summary>The circle in which sequence numbers of data messages count: 16 bits in L2TPv2, 24 bits in L2TPv3.</summary>
public readonly record struct SequenceSpace
{
    private SequenceSpace(uint modulus) => Modulus = modulus;

    /// <summary>RFC 2661 section 5.4.</summary>
    public static SequenceSpace V2 { get; } = new(1 << 16);

    /// <summary>RFC 3931 section 4.6.</summary>
    public static SequenceSpace V3 { get; } = new(1 << 24);

    /// <summary>Numbers are 0 to this, less one.</summary>
    public uint Modulus { get; }

    /// <summary>The space of a version.</summary>
    public static SequenceSpace Of(ProtocolVersion version) => version == ProtocolVersion.V3 ? V3 : V2;

    /// <summary>The number after this one; 0 follows the last.</summary>
    public uint Next(uint number) => (number + 1) & (Modulus - 1);

    /// <summary>The number that many steps on.</summary>
    public uint Add(uint number, uint steps) => (number + steps) & (Modulus - 1);

    /// <summary>Steps from one number to another the shorter way; negative for backwards. Half the space counts as backwards.</summary>
    public int Distance(uint from, uint to)
    {
        var forward = (to - from) & (Modulus - 1);
        return forward < Modulus / 2 ? (int)forward : (int)forward - (int)Modulus;
    }
}
