using System.Buffers.Binary;

namespace L2tpd.Radius.Wire;

/// <summary>One attribute, a view of the packet.</summary>
public readonly ref struct RadiusAttribute(ReadOnlySpan<byte> octets)
{
    /// <summary>Type, length and value.</summary>
    public ReadOnlySpan<byte> Octets { get; } = octets;

    public AttributeType Type => (AttributeType)Octets[0];

    /// <summary>Zero to 253 octets.</summary>
    public ReadOnlySpan<byte> Value => Octets[2..];
}

/// <summary>Iterates over attributes whose lengths were checked; stops at the first malformed one.</summary>
public ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    public RadiusAttribute Current { get; private set; }

    public readonly AttributeReader GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < 2 || _rest[1] < 2 || _rest[1] > _rest.Length)
            return false;
        Current = new RadiusAttribute(_rest[.._rest[1]]);
        _rest = _rest[_rest[1]..];
        return true;
    }
}

/// <summary>
/// The attributes within one Vendor-Specific attribute (RFC 2865 section 5.26): <c>vendor:4</c>, then <c>type:1 length:1 value</c> each.
/// </summary>
public readonly ref struct VendorAttributes
{
    private readonly ReadOnlySpan<byte> _attributes;

    private VendorAttributes(VendorId vendor, ReadOnlySpan<byte> attributes)
    {
        Vendor = vendor;
        _attributes = attributes;
    }

    public VendorId Vendor { get; }

    /// <summary>Several attributes in one Vendor-Specific are legal.</summary>
    public AttributeReader GetEnumerator() => new(_attributes);

    /// <summary>
    /// Reads the value of a Vendor-Specific attribute; <c>false</c> if it is too short, or the vendor has another layout.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out VendorAttributes attributes)
    {
        attributes = default;
        if (value.Length < 6)
            return false;
        var vendor = (VendorId)BinaryPrimitives.ReadUInt32BigEndian(value);
        if (!vendor.HasStandardLayout())
            return false;
        attributes = new VendorAttributes(vendor, value[4..]);
        return true;
    }
}
