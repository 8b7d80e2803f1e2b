namespace L2tpd.Protocol.Avps;

/// <summary>The AVPs of one protocol version. An AVP that is not in the table is unrecognised (RFC 2661 section 4.1).</summary>
public sealed partial class AvpTable
{
    /// <summary>One more than the highest vendor 0 attribute type.</summary>
    private const int IetfSlots = 104;

    /// <summary>The ADSL Forum's types are far apart: 1, 2, 129 to 145, 254.</summary>
    private const int AdslForumSlots = 20;

    /// <summary>Number of distinct AVPs in all tables.</summary>
    internal const int SlotCount = IetfSlots + AdslForumSlots;

    private const bool M = true;
    private const bool Optional = false;
    private const bool MayHide = true;
    private const bool Clear = false;

    private readonly AvpDefinition?[] _bySlot = new AvpDefinition?[SlotCount];

    private AvpTable(AvpDefinition[] rows)
    {
        Rows = rows;
        foreach (var row in rows)
            _bySlot[row.Slot] = row;
    }

    /// <summary>
    /// L2TPv2: RFC 2661 section 4.4, then RFC 3301, 3145, 3308, 3437, 3573, 3817, 4951, 5515 and 9601. The RFCs do not define M for some of
    /// the later ones; those are sent with M=0, so that a peer without the extension ignores them.
    /// </summary>
    public static AvpTable V2 { get; } = new(V2Rows());

    /// <summary>
    /// L2TPv3: RFC 3931 section 5.4, then RFC 4951, 4667, 5085, 5515 and 9601. The sender may choose the M bit; these are the RFC's
    /// recommendations. AVPs of v2 only are unrecognised.
    /// </summary>
    public static AvpTable V3 { get; } = new(V3Rows());

    /// <summary>
    /// The SCCRQ with Ver=2 that offers both versions (RFC 3931 section 4.7.3): v2's AVPs and those of v3 that it may carry. The latter
    /// have M=0 so that a v2 peer ignores them, and are not hidden, because the two versions hide with different keys. A v3 responder
    /// ignores v2's own AVPs whatever their M bit, so that a malformed one causes no error.
    /// </summary>
    public static AvpTable DualSccrq { get; } = new(DualSccrqRows());

    /// <summary>All rows, in the order of the table.</summary>
    public IReadOnlyList<AvpDefinition> Rows { get; }

    /// <summary>The row of an AVP; <c>null</c> if this version does not have it.</summary>
    public AvpDefinition? Find(ushort vendorId, ushort type)
    {
        var slot = vendorId switch
        {
            AvpFormat.IetfVendor when type < IetfSlots => type,
            AvpFormat.AdslForumVendor => AdslForumSlot(type),
            _ => -1,
        };
        return slot < 0 ? null : _bySlot[slot];
    }

    /// <summary>The name of an AVP of any table; <c>null</c> if there is none.</summary>
    public static string? NameOf(ushort vendorId, ushort type) => (V2.Find(vendorId, type) ?? V3.Find(vendorId, type))?.Name;

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

    private static ValueLength AtLeast(int octets, int step = 1) => new(octets, AvpFormat.MaxValueSize, step);

    private static ValueLength Between(int minimum, int maximum, int step = 1) => new(minimum, maximum, step);
}
