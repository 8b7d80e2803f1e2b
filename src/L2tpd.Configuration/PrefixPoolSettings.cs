using System.Net;

namespace L2tpd.Configuration;

/// <summary>A pool of IPv6 prefixes for subscribers.</summary>
/// <param name="Name">The name that profiles and RADIUS servers use.</param>
/// <param name="Prefix">The IPv6 aggregate to divide.</param>
/// <param name="Length">Length of the prefixes: 64 for router advertisement, 128 for addresses.</param>
public sealed record PrefixPoolSettings(string Name, IPNetwork Prefix, int Length)
{
    /// <summary>Number of prefixes.</summary>
    public UInt128 Size => UInt128.One << (Length - Prefix.PrefixLength);
}

/// <summary>DHCPv6 of a profile's sessions.</summary>
public sealed record Dhcpv6Settings
{
    /// <summary>How long a subscriber prefers its addresses and prefixes; half of it is the time to the first Renew.</summary>
    public TimeSpan PreferredLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long they are valid if they are not renewed.</summary>
    public TimeSpan ValidLifetime { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Whether a Solicit with Rapid Commit is answered by a Reply.</summary>
    public bool RapidCommit { get; init; } = true;
}
