using System.Collections.Immutable;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>What the session of a link may have; all of it is in the one IA of its kind.</summary>
public sealed record DhcpOffer
{
    /// <summary>Prefixes to delegate.</summary>
    public ImmutableArray<DelegatedPrefix> Prefixes { get; init; } = [];

    /// <summary>Addresses for the client itself.</summary>
    public ImmutableArray<Ipv6Address> Addresses { get; init; } = [];

    /// <summary>Prefixes of the link, by router advertisement: their addresses are right for a Confirm.</summary>
    public ImmutableArray<DelegatedPrefix> OnLink { get; init; } = [];

    /// <summary>Name servers of this user, instead of those of <see cref="DhcpSettings"/>; empty: those.</summary>
    public ImmutableArray<Ipv6Address> NameServers { get; init; } = [];
}
