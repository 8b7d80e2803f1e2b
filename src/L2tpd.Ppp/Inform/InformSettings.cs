using System.Collections.Immutable;
using System.Net;

namespace L2tpd.Ppp.Inform;

/// <summary>What a peer that asks by DHCPINFORM is told, beyond the name servers of IPCP.</summary>
public sealed record InformSettings
{
    /// <summary>Domain Name (option 15); <c>null</c>: none.</summary>
    public string? Domain { get; init; }

    /// <summary>
    /// IPv4 networks that are reached through us (option 121, RFC 3442, and 249, which Windows asks for); at most <see cref="MostRoutes"/>.
    /// </summary>
    public ImmutableArray<IPNetwork> Routes { get; init; } = [];

    /// <summary>Routes that fit into one option of 255 octets, whatever their length.</summary>
    public const int MostRoutes = 28;
}
