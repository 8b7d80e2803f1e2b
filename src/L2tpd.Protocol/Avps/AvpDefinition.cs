namespace L2tpd.Protocol.Avps;

/// <summary>The valid lengths of an AVP's value, in octets without the 6-octet AVP header.</summary>
/// <param name="Minimum">Shortest length.</param>
/// <param name="Maximum">Longest length, at most <see cref="AvpFormat.MaxValueSize"/>.</param>
/// <param name="Step">Difference between two valid lengths.</param>
public readonly record struct ValueLength(int Minimum, int Maximum, int Step = 1)
{
    /// <summary>Whether the length is valid.</summary>
    public bool Allows(int octets) => octets >= Minimum && octets <= Maximum && (Step == 1 || (octets - Minimum) % Step == 0);

    /// <summary>The format of the tables: "2", "1+", "2..63", "0..8/4".</summary>
    public override string ToString() => this switch
    {
        var r when r.Minimum == r.Maximum => $"{Minimum}",
        { Step: 1, Maximum: AvpFormat.MaxValueSize } => $"{Minimum}+",
        { Step: 1 } => $"{Minimum}..{Maximum}",
        { Maximum: AvpFormat.MaxValueSize } => $"{Minimum}+/{Step}",
        _ => $"{Minimum}..{Maximum}/{Step}",
    };
}

/// <summary>One row of an AVP table.</summary>
/// <param name="VendorId">0 for the IETF.</param>
/// <param name="Type">Attribute type within the vendor.</param>
/// <param name="Name">The RFC's name.</param>
/// <param name="Mandatory">The M bit when we send it; never checked on receipt (RFC 3931 section 5.2).</param>
/// <param name="Hideable">Whether the value may be hidden.</param>
/// <param name="Length">Valid lengths of the value.</param>
/// <param name="NonZero">Whether the value zero is out of range.</param>
/// <param name="MalformedIsIgnored">Whether it is ignored if it is malformed, whatever its M bit.</param>
public sealed record AvpDefinition(
    ushort VendorId, ushort Type, string Name, bool Mandatory, bool Hideable, ValueLength Length, bool NonZero = false,
    bool MalformedIsIgnored = false)
{
    /// <summary>The index of this AVP's value in <see cref="AvpFields"/>.</summary>
    internal int Slot { get; } = VendorId == AvpFormat.IetfVendor ? Type : AvpTable.AdslForumSlot(Type);
}
