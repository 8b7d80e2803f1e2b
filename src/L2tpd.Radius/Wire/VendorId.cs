namespace L2tpd.Radius.Wire;

/// <summary>Vendors whose attributes are read or written: SMI Network Management Private Enterprise Codes.</summary>
public enum VendorId : uint
{
    Cisco = 9,
    Microsoft = 311,
    Usr = 429,
    Ascend = 529,
    Huawei = 2011,

    /// <summary>The ADSL Forum's line attributes (RFC 4679).</summary>
    AdslForum = 3561,
    Lucent = 4846,
    Erx = 4874,
    Nokia = 6527,
    Starent = 8164,
    Wispr = 14122,
    Mikrotik = 14988,
}

/// <summary>Properties of vendors.</summary>
public static class VendorIds
{
    /// <summary>
    /// Whether the vendor's attributes have the layout <c>type:1 length:1 value</c> that RFC 2865 section 5.26 recommends. Those of other
    /// vendors (USR 4/0, Lucent 2/1, Starent 2/2) cannot be read and are skipped as a whole.
    /// </summary>
    public static bool HasStandardLayout(this VendorId vendor) => vendor is not (VendorId.Usr or VendorId.Lucent or VendorId.Starent);
}
