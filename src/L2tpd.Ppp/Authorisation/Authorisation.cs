using System.Collections.Immutable;
using System.Net;

namespace L2tpd.Ppp;

/// <summary>
/// What a user may have: everything that an Access-Accept of RADIUS can say, or a line of the local file. Times are in milliseconds; 0,
/// none and an empty list mean that nothing was said and the profile decides.
/// </summary>
public sealed record Authorisation
{
    /// <summary>Who verified the proof (Acct-Authentic).</summary>
    public AuthenticationSource AuthenticatedBy { get; init; }

    /// <summary>Where the peer's IPv4 address comes from.</summary>
    public AddressSource AddressSource { get; init; }

    /// <summary>The address, with <see cref="AddressSource.Fixed"/> (Framed-IP-Address).</summary>
    public Ipv4Address Address { get; init; }

    /// <summary>Length of the network behind a fixed address (Framed-IP-Netmask); 0: the address alone.</summary>
    public int PrefixLength { get; init; }

    /// <summary>What the peer may choose where it does and nothing is assigned.</summary>
    public PermittedAddresses? Permitted { get; init; }

    /// <summary>The pool, with <see cref="AddressSource.Pool"/> (Framed-Pool).</summary>
    public string? Pool { get; init; }

    /// <summary>DNS and NBNS servers for the peer.</summary>
    public Ipv4Address PrimaryDns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address SecondaryDns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address PrimaryNbns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address SecondaryNbns { get; init; }

    /// <summary>Session-Timeout.</summary>
    public long SessionTimeout { get; init; }

    /// <summary>The user proves itself again at the session timeout instead of losing the session (Termination-Action).</summary>
    public bool ReauthenticateAtTimeout { get; init; }

    /// <summary>State: opaque, repeated when the user proves itself again at the session timeout.</summary>
    public ImmutableArray<byte> State { get; init; } = [];

    /// <summary>Idle-Timeout.</summary>
    public long IdleTimeout { get; init; }

    /// <summary>Acct-Interim-Interval.</summary>
    public long InterimInterval { get; init; }

    /// <summary>Framed-MTU: an upper bound of what we send.</summary>
    public ushort Mtu { get; init; }

    /// <summary>Framed-Interface-Id: the identifier that the peer must use.</summary>
    public ulong PeerInterfaceIdentifier { get; init; }

    /// <summary>Prefixes for router advertisement (Framed-IPv6-Prefix), and the pool to take one from (Framed-IPv6-Pool).</summary>
    public ImmutableArray<IPNetwork> Ipv6Prefixes { get; init; } = [];

    /// <inheritdoc cref="Ipv6Prefixes"/>
    public string? Ipv6PrefixPool { get; init; }

    /// <summary>Addresses for DHCPv6 (Framed-IPv6-Address), and the pool to take one from (Stateful-IPv6-Address-Pool).</summary>
    public ImmutableArray<IPAddress> Ipv6Addresses { get; init; } = [];

    /// <inheritdoc cref="Ipv6Addresses"/>
    public string? Ipv6AddressPool { get; init; }

    /// <summary>
    /// Prefixes to delegate by DHCPv6 (Delegated-IPv6-Prefix), and the pool to take one from (Delegated-IPv6-Prefix-Pool).
    /// </summary>
    public ImmutableArray<IPNetwork> DelegatedPrefixes { get; init; } = [];

    /// <inheritdoc cref="DelegatedPrefixes"/>
    public string? DelegatedPrefixPool { get; init; }

    /// <summary>DNS-Server-IPv6-Address.</summary>
    public ImmutableArray<IPAddress> Ipv6Dns { get; init; } = [];

    /// <summary>Routes to the session (Framed-Route and Framed-IPv6-Route), read by the back end.</summary>
    public ImmutableArray<FramedRoute> Routes { get; init; } = [];

    /// <summary>Routes that router advertisement names to the peer (Route-IPv6-Information).</summary>
    public ImmutableArray<IPNetwork> AdvertisedRoutes { get; init; } = [];

    /// <summary>Largest rate from the peer; <c>null</c>: the profile's.</summary>
    public RateLimit? RateFromPeer { get; init; }

    /// <summary>Largest rate to the peer; <c>null</c>: the profile's.</summary>
    public RateLimit? RateToPeer { get; init; }

    /// <summary>Attributes that name a rate and cannot be read, for the log.</summary>
    public ImmutableArray<string> RateProblems { get; init; } = [];

    /// <summary>Names of filters (Filter-Id).</summary>
    public ImmutableArray<string> Filters { get; init; } = [];

    /// <summary>Sessions that the user may have at a time (Port-Limit).</summary>
    public uint PortLimit { get; init; }

    /// <summary>Class: opaque, repeated in accounting.</summary>
    public ImmutableArray<ImmutableArray<byte>> Class { get; init; } = [];

    /// <summary>Chargeable-User-Identity (RFC 4372): opaque, repeated in accounting.</summary>
    public ImmutableArray<byte> ChargeableUserIdentity { get; init; } = [];
}

/// <summary>Who verified a user's proof.</summary>
public enum AuthenticationSource
{
    /// <summary>This daemon.</summary>
    Local,

    /// <summary>A RADIUS server.</summary>
    Radius,
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

/// <summary>A route to a session.</summary>
/// <param name="Destination">The network.</param>
/// <param name="Gateway">The next hop; <c>null</c>: the session itself.</param>
/// <param name="Metric">The metric; 0: the default.</param>
public sealed record FramedRoute(IPNetwork Destination, IPAddress? Gateway, uint Metric);

/// <summary>A rate of one direction.</summary>
/// <param name="BitsPerSecond">The rate; 0: no limit, whatever the profile says.</param>
/// <param name="BurstOctets">What may pass at once; 0: the data plane chooses.</param>
public sealed record RateLimit(ulong BitsPerSecond, uint BurstOctets)
{
    /// <summary>No limit, whatever the profile says.</summary>
    public static RateLimit Unlimited { get; } = new(0, 0);
}
