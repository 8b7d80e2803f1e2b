namespace L2tpd.Ipv6.Discovery;

/// <summary>ICMPv6 types of neighbour discovery (RFC 4861 section 4).</summary>
public static class DiscoveryType
{
    public const byte RouterSolicitation = 133;
    public const byte RouterAdvertisement = 134;
    public const byte NeighbourSolicitation = 135;
    public const byte NeighbourAdvertisement = 136;
    public const byte Redirect = 137;
}
