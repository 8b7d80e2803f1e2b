namespace L2tpd.Ipv6;

/// <summary>Numbers of the Next Header field that the link's own packets bear (IANA, "Assigned Internet Protocol Numbers").</summary>
public static class Ipv6Protocols
{
    /// <summary>Hop-by-Hop Options (RFC 8200 section 4.3).</summary>
    public const byte HopByHop = 0;

    /// <summary>UDP: DHCPv6.</summary>
    public const byte Udp = 17;

    /// <summary>ICMPv6: router advertisement and neighbour discovery.</summary>
    public const byte Icmpv6 = 58;
}
