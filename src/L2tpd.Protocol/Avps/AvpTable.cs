namespace L2tpd.Protocol.Avps;

/// <summary>The AVPs one protocol version knows. An AVP that is not in the table is unrecognised (l2tpv2.md 2.1).</summary>
public sealed partial class AvpTable
{
    /// <summary>One more than the highest vendor 0 attribute type.</summary>
    private const int IetfSlots = 104;

    /// <summary>The ADSL Forum's types lie far apart: 1, 2, 129 to 145, 254.</summary>
    private const int AdslForumSlots = 20;

    /// <summary>How many distinct AVPs all tables can name.</summary>
    internal const int SlotCount = IetfSlots + AdslForumSlots;

    private const bool M = true;
    private const bool Optional = false;
    private const bool MayHide = true;
    private const bool Clear = false;

    private readonly AvpDefinition?[] _bySlot = new AvpDefinition?[SlotCount];

    private AvpTable(params ReadOnlySpan<AvpDefinition> rows)
    {
        Rows = rows.ToArray();
        foreach (AvpDefinition row in rows)
            _bySlot[row.Slot] = row;
    }

    /// <summary>All rows, in the order of the table.</summary>
    public IReadOnlyList<AvpDefinition> Rows { get; }

    /// <summary>The row of an AVP, or null when this version does not know it.</summary>
    public AvpDefinition? Find(ushort vendorId, ushort type)
    {
        int slot = vendorId switch
        {
            AvpFormat.IetfVendor when type < IetfSlots => type,
            AvpFormat.AdslForumVendor => AdslForumSlot(type),
            _ => -1,
        };
        return slot < 0 ? null : _bySlot[slot];
    }

    /// <summary>The name of an AVP in any table, or null.</summary>
    public static string? NameOf(ushort vendorId, ushort type) => V2.Find(vendorId, type)?.Name;

    internal static int AdslForumSlot(ushort type) => type switch
    {
        1 or 2 => IetfSlots + type - 1,
        >= 129 and <= 145 => IetfSlots + 2 + type - 129,
        254 => IetfSlots + AdslForumSlots - 1,
        _ => -1,
    };

    internal AvpDefinition this[AvpType type] => _bySlot[(int)type]!;

    internal AvpDefinition this[AdslForumAvpType type] => _bySlot[AdslForumSlot((ushort)type)]!;

    private static AvpDefinition Row(AvpType type, string name, bool mandatory, bool hideable, ValueLength length, bool nonZero = false) =>
        new(AvpFormat.IetfVendor, (ushort)type, name, mandatory, hideable, length, nonZero);

    private static AvpDefinition Row(AdslForumAvpType type, string name, ValueLength length) =>
        new(AvpFormat.AdslForumVendor, (ushort)type, name, Optional, MayHide, length);

    private static ValueLength Exactly(int octets) => new(octets, octets);

    private static ValueLength AtLeast(int octets) => new(octets, AvpFormat.MaxValueSize);

    private static ValueLength Between(int minimum, int maximum) => new(minimum, maximum);
}
