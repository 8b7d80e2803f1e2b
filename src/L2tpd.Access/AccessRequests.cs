using System.Collections.Immutable;
using System.Net;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>A session's attributes that do not depend on the user: part of every request (RFC 2865, 2866 and 2867).</summary>
public sealed record SessionAttributes
{
    /// <summary>Acct-Session-Id: unique over the runs of the daemon.</summary>
    public required string SessionId { get; init; }

    /// <summary>NAS-Port: the lowest number that no other session has.</summary>
    public uint NasPort { get; init; }

    /// <summary>NAS-Port-Id: the names of tunnel and session.</summary>
    public string? NasPortId { get; init; }

    /// <summary>NAS-Identifier.</summary>
    public string? NasIdentifier { get; init; }

    /// <summary>Called-Station-Id: L2TP AVP 21.</summary>
    public string? CalledNumber { get; init; }

    /// <summary>Calling-Station-Id: L2TP AVP 22.</summary>
    public string? CallingNumber { get; init; }

    /// <summary>Connect-Info: speeds and sub-address.</summary>
    public string? ConnectInfo { get; init; }

    /// <summary>Tunnel-Client-Endpoint: the LAC's address.</summary>
    public string? TunnelClientEndpoint { get; init; }

    /// <summary>Tunnel-Server-Endpoint: the address of the LNS.</summary>
    public string? TunnelServerEndpoint { get; init; }

    /// <summary>Tunnel-Client-Auth-ID: the LAC's host name.</summary>
    public string? TunnelClientName { get; init; }

    /// <summary>Tunnel-Server-Auth-ID: the host name of the LNS.</summary>
    public string? TunnelServerName { get; init; }

    /// <summary>Tunnel-Assignment-ID, at a LAC that got one from a server. In accounting only (RFC 2868 section 4).</summary>
    public string? TunnelAssignmentId { get; init; }

    /// <summary>
    /// The subscriber's DSL line (RFC 4679): the attributes of the ADSL Forum, <c>type:1 length:1 value</c> each, in hexadecimal.
    /// </summary>
    public string? LineAttributes { get; init; }

    /// <summary>Acct-Tunnel-Connection: the Call Serial Number.</summary>
    public string? TunnelConnection { get; init; }
}

/// <summary>An Access-Request.</summary>
/// <param name="Session">What is known of the session.</param>
/// <param name="Authentication">The peer's proof.</param>
public sealed record AccessRequest(SessionAttributes Session, AuthenticationRequest Authentication)
{
    /// <summary>State of the last Access-Accept, when the session's time is over (Termination-Action); otherwise empty.</summary>
    public ImmutableArray<byte> State { get; init; } = [];

    /// <summary>Chargeable-User-Identity of the last Access-Accept; empty: none yet.</summary>
    public ImmutableArray<byte> ChargeableUserIdentity { get; init; } = [];
}

/// <summary>Octets and packets; "in" is from the user. Gigawords (RFC 2869) are the back end's matter.</summary>
public readonly record struct SessionCounters(ulong OctetsIn, ulong OctetsOut, ulong PacketsIn, ulong PacketsOut);

/// <summary>Acct-Status-Type of a session, or of the whole server.</summary>
public enum AccountingStatus
{
    Start = 1,
    Stop = 2,
    Interim = 3,

    /// <summary>Accounting-On: the server starts, and no session of an earlier run is up.</summary>
    On = 7,

    /// <summary>Accounting-Off: the server stops, and all sessions end.</summary>
    Off = 8,
}

/// <summary>
/// An Accounting-Request of a session or, with <see cref="AccountingStatus.On"/> and Off, of the server: then the attributes name only the
/// run.
/// </summary>
public sealed record AccountingRecord
{
    public required AccountingStatus Status { get; init; }

    public required SessionAttributes Session { get; init; }

    public string? UserName { get; init; }

    /// <summary>Acct-Authentic: who verified the user's proof.</summary>
    public AuthenticationSource AuthenticatedBy { get; init; }

    /// <summary>Framed-IP-Address; none without IPv4.</summary>
    public Ipv4Address Address { get; init; }

    /// <summary>Framed-Interface-Id; 0 without IPv6.</summary>
    public ulong InterfaceIdentifier { get; init; }

    /// <summary>Class, as the Access-Accept had it.</summary>
    public ImmutableArray<ImmutableArray<byte>> Class { get; init; } = [];

    /// <summary>Chargeable-User-Identity, as the Access-Accept had it.</summary>
    public ImmutableArray<byte> ChargeableUserIdentity { get; init; } = [];

    /// <summary>Framed-IPv6-Prefix.</summary>
    public ImmutableArray<IPNetwork> Ipv6Prefixes { get; init; } = [];

    /// <summary>Delegated-IPv6-Prefix.</summary>
    public ImmutableArray<IPNetwork> DelegatedPrefixes { get; init; } = [];

    /// <summary>Framed-IPv6-Address.</summary>
    public ImmutableArray<IPAddress> Ipv6Addresses { get; init; } = [];

    /// <summary>Acct-Session-Time, milliseconds since Start.</summary>
    public long SessionTime { get; init; }

    public SessionCounters Counters { get; init; }

    /// <summary>Stop only.</summary>
    public TerminateCause TerminateCause { get; init; }

    /// <summary>Stop only: RFC 3145 code.</summary>
    public DisconnectCode DisconnectCode { get; init; }

    /// <summary>Stop only: the reason as text.</summary>
    public string? Reason { get; init; }
}

/// <summary>
/// The session identification attributes of a request from outside (RFC 5176 section 3): all that are given must match the session.
/// </summary>
public sealed record SessionIdentification
{
    public string? SessionId { get; init; }

    public string? UserName { get; init; }

    public Ipv4Address Address { get; init; }

    public uint? NasPort { get; init; }

    public string? NasPortId { get; init; }

    public string? CallingNumber { get; init; }

    /// <summary>Called-Station-Id.</summary>
    public string? CalledNumber { get; init; }

    /// <summary>Acct-Multi-Session-Id. No session has one: a request with it means none.</summary>
    public string? MultiSessionId { get; init; }

    /// <summary>Chargeable-User-Identity, as hexadecimal.</summary>
    public string? ChargeableUserIdentity { get; init; }

    /// <summary>Framed-Interface-Id; 0: not given.</summary>
    public ulong InterfaceIdentifier { get; init; }

    /// <summary>Framed-IPv6-Prefix.</summary>
    public IPNetwork? Ipv6Prefix { get; init; }

    /// <summary>Delegated-IPv6-Prefix.</summary>
    public IPNetwork? DelegatedPrefix { get; init; }

    /// <summary>Framed-IPv6-Address.</summary>
    public IPAddress? Ipv6Address { get; init; }

    /// <summary>NAS-Identifier: of the server. It names no session, but must be that of the session meant.</summary>
    public string? NasIdentifier { get; init; }

    /// <summary>Whether no attribute of a session is given.</summary>
    public bool IsEmpty => this with { NasIdentifier = null } == new SessionIdentification();
}

/// <summary>The result of a request from outside, with the error causes of RFC 5176 section 3.6.</summary>
public enum ControlOutcome
{
    Done = 0,
    UnsupportedAttribute = 401,
    MissingAttribute = 402,
    NasIdentificationMismatch = 403,
    InvalidRequest = 404,
    UnsupportedService = 405,
    UnsupportedExtension = 406,
    InvalidAttributeValue = 407,
    Prohibited = 501,
    SessionNotFound = 503,
    NotRemovable = 504,
    ResourcesUnavailable = 506,
    RequestInitiated = 507,
    SeveralSessions = 508,
}
