namespace L2tpd.Protocol;

/// <summary>The protocol version: the Ver field of every header (RFC 2661 section 3.1, RFC 3931 section 3.2.1).</summary>
public enum ProtocolVersion : byte
{
    /// <summary>L2TPv2, RFC 2661.</summary>
    V2 = 2,

    /// <summary>L2TPv3, RFC 3931.</summary>
    V3 = 3,
}
