using System.Collections.Immutable;
using System.Net;

namespace L2tpd.Ppp;

/// <summary>What a user may have: the Access-Accept of RADIUS, or a line of the local file. Times are in milliseconds.</summary>
public sealed record Authorisation
{
    /// <summary>Where the peer's IPv4 address comes from.</summary>
    public AddressSource AddressSource { get; init; }

    /// <summary>The address, with <see cref="AddressSource.Fixed"/> (Framed-IP-Address).</summary>
    public Ipv4Address Address { get; init; }

    /// <summary>What the peer may choose where it does and nothing is assigned; null: not said.</summary>
    public PermittedAddresses? Permitted { get; init; }

    /// <summary>The pool, with <see cref="AddressSource.Pool"/> (Framed-Pool); null: the profile's.</summary>
    public string? Pool { get; init; }

    /// <summary>Replaces the profile's DNS servers when not none.</summary>
    public Ipv4Address PrimaryDns { get; init; }

    public Ipv4Address SecondaryDns { get; init; }

    public Ipv4Address PrimaryNbns { get; init; }

    public Ipv4Address SecondaryNbns { get; init; }

    /// <summary>Session-Timeout; 0: the profile's.</summary>
    public long SessionTimeout { get; init; }

    /// <summary>Idle-Timeout; 0: the profile's.</summary>
    public long IdleTimeout { get; init; }

    /// <summary>Acct-Interim-Interval; 0: the backend's default.</summary>
    public long InterimInterval { get; init; }

    /// <summary>Framed-MTU: clamps what we send; 0: no clamp.</summary>
    public ushort Mtu { get; init; }

    /// <summary>Framed-Interface-Id: the identifier the peer must use; 0: any.</summary>
    public ulong PeerInterfaceIdentifier { get; init; }

    /// <summary>Framed-IPv6-Prefix, for router advertisement.</summary>
    public IPNetwork? FramedIpv6Prefix { get; init; }

    /// <summary>Delegated-IPv6-Prefix, for DHCPv6.</summary>
    public IPNetwork? DelegatedIpv6Prefix { get; init; }

    /// <summary>DNS-Server-IPv6-Address.</summary>
    public ImmutableArray<IPAddress> Ipv6Dns { get; init; } = [];

    /// <summary>Framed-Route and Framed-IPv6-Route, as text.</summary>
    public ImmutableArray<string> Routes { get; init; } = [];

    /// <summary>Filter-Id.</summary>
    public string? Filter { get; init; }

    /// <summary>Class: opaque, echoed in accounting.</summary>
    public ImmutableArray<ImmutableArray<byte>> Class { get; init; } = [];
}

/// <summary>Where the peer's address comes from.</summary>
public enum AddressSource
{
    /// <summary>A pool (fffffffe, or no Framed-IP-Address at all).</summary>
    Pool,

    /// <summary>A given address.</summary>
    Fixed,

    /// <summary>The peer may choose (ffffffff), within <see cref="Authorisation.Permitted"/>.</summary>
    PeerChooses,

    /// <summary>IPv4 is not permitted.</summary>
    NotPermitted,
}
