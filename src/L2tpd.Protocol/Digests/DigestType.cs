namespace L2tpd.Protocol.Digests;

/// <summary>
/// Digest type octet of the Message Digest AVP 59. RFC 3931 numbers them 0 and 1 in one place and 1 and 2 in another; implementations use 0
/// and 1.
/// </summary>
public enum DigestType : byte
{
    /// <summary>HMAC-MD5, 16 octets.</summary>
    HmacMd5 = 0,

    /// <summary>HMAC-SHA-1, 20 octets.</summary>
    HmacSha1 = 1,
}
