using System.Collections.Immutable;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Discovery;

/// <summary>How the links of a profile are configured by router advertisement.</summary>
public sealed record DiscoverySettings
{
    /// <summary>
    /// Whether we advertise ourselves. Otherwise only neighbour discovery is answered, for links behind a shared interface, where the
    /// system cannot do it.
    /// </summary>
    public bool IsRouter { get; init; }

    /// <summary>Name servers of peers for whom the access back end names none; at most 8 are sent.</summary>
    public ImmutableArray<Ipv6Address> Dns { get; init; } = [];

    /// <summary>Domains that peers search.</summary>
    public ImmutableArray<string> DomainSearch { get; init; } = [];

    /// <summary>DHCPv6 is answered on the links: the O flag.</summary>
    public bool HasDhcp { get; init; }
}
