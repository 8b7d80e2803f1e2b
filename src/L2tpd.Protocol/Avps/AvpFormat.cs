namespace L2tpd.Protocol.Avps;

/// <summary>
/// The AVP header (RFC 2661 section 4.1): <c>M(1) H(1) reserved(4) Length(10) | Vendor ID(16) | Attribute Type(16)</c>.
/// </summary>
public static class AvpFormat
{
    /// <summary>Octets of the AVP header.</summary>
    public const int HeaderSize = 6;

    /// <summary>The longest value, octets: Length has 10 bits and includes the header.</summary>
    public const int MaxValueSize = LengthMask - HeaderSize;

    /// <summary>Vendor ID of everything that the IETF defined.</summary>
    public const ushort IetfVendor = 0;

    /// <summary>Vendor ID of the ADSL Forum (RFC 5515).</summary>
    public const ushort AdslForumVendor = 3561;

    internal const int MandatoryBit = 0x8000;
    internal const int HiddenBit = 0x4000;
    internal const int ReservedMask = 0x3C00;
    internal const int LengthMask = 0x03FF;
}
