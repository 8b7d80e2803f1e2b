using System.Collections.Immutable;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>How the server answers; one object for all links of a profile. Durations are in seconds.</summary>
public sealed record DhcpSettings
{
    /// <summary>Our identifier (<see cref="Duid"/>).</summary>
    public required ImmutableArray<byte> ServerId { get; init; }

    /// <summary>How long a client prefers its addresses and prefixes.</summary>
    public uint PreferredLifetime { get; init; } = 3600;

    /// <summary>How long they are valid without being renewed; at least <see cref="PreferredLifetime"/>.</summary>
    public uint ValidLifetime { get; init; } = 7200;

    /// <summary>T1, when the client renews; half of the preferred lifetime (RFC 8415 section 21.4).</summary>
    public uint RenewTime => PreferredLifetime / 2;

    /// <summary>T2, when the client asks any server; four fifths of the preferred lifetime.</summary>
    public uint RebindTime => PreferredLifetime / 5 * 4;

    /// <summary>Whether a Solicit with Rapid Commit gets its Reply at once.</summary>
    public bool RapidCommit { get; init; } = true;

    /// <summary>How long clients that got nothing wait between two Solicits, where they ask for it (SOL_MAX_RT).</summary>
    public uint SolicitMaximum { get; init; } = 3600;

    /// <summary>How long answers to Information-Requests hold.</summary>
    public uint InformationRefresh { get; init; } = 14_400;

    /// <summary>Name servers, the preferred one first.</summary>
    public ImmutableArray<Ipv6Address> NameServers { get; init; } = [];

    /// <summary>Search list as names in DNS wire form, one after the other (RFC 8415 section 10).</summary>
    public ImmutableArray<byte> SearchDomains { get; init; } = [];
}
