namespace L2tpd.Protocol.Avps;

/// <summary>Which value lengths an AVP may have, in octets without the 6-octet AVP header.</summary>
/// <param name="Minimum">Fewest octets.</param>
/// <param name="Maximum">Most octets, at most <see cref="AvpFormat.MaxValueSize"/>.</param>
/// <param name="Step">Lengths between the two count up from the minimum by this.</param>
public readonly record struct ValueLength(int Minimum, int Maximum, int Step = 1)
{
    /// <summary>Whether a value of this many octets is well formed.</summary>
    public bool Allows(int octets) => octets >= Minimum && octets <= Maximum && (Step == 1 || (octets - Minimum) % Step == 0);

    /// <summary>As written in the tables: "2", "1+", "2..63", "0..8/4".</summary>
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
/// <param name="Length">Well-formed value lengths.</param>
/// <param name="NonZero">Whether the value zero is out of range.</param>
/// <param name="MalformedIsIgnored">Ignore it when malformed, whatever its M bit says.</param>
public sealed record AvpDefinition(
    ushort VendorId, ushort Type, string Name, bool Mandatory, bool Hideable, ValueLength Length, bool NonZero = false,
    bool MalformedIsIgnored = false)
{
    /// <summary>Where <see cref="AvpFields"/> keeps this AVP's value.</summary>
    internal int Slot { get; } = VendorId == AvpFormat.IetfVendor ? Type : AvpTable.AdslForumSlot(Type);
}
