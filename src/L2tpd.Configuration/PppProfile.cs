using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Ppp;

namespace L2tpd.Configuration;

/// <summary>How PPP is run on a session.</summary>
public sealed record PppProfile
{
    public required string Name { get; init; }

    public PppBackend Backend { get; init; } = PppBackend.Pppd;

    /// <summary>Why <c>backend: auto</c> took this one; null: it was written.</summary>
    public string? BackendReason { get; init; }

    /// <summary>Absolute path of pppd.</summary>
    public string Program { get; init; } = "/usr/sbin/pppd";

    /// <summary>Our name when the peer authenticates us; null: none.</summary>
    public string? User { get; init; }

    /// <summary>Our password when the peer authenticates us; null: as pppd's secrets files say.</summary>
    public Secret? Password { get; init; }

    /// <summary>Our name when we authenticate the peer: the server field of pppd's secrets files; null: the machine's host name.</summary>
    public string? ServerName { get; init; }

    /// <summary>Our end's address; null: as negotiated.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>The peer's address; null: from <see cref="Pool"/>, or as negotiated.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Addresses for peers, one a session; empty: none.</summary>
    public ImmutableArray<AddressRange> Pool { get; init; } = [];

    /// <summary>Name servers told to the peer, at most two.</summary>
    public ImmutableArray<IPAddress> Dns { get; init; } = [];

    /// <summary>NetBIOS name servers (WINS) told to the peer, at most two.</summary>
    public ImmutableArray<IPAddress> Nbns { get; init; } = [];

    /// <summary>Ask the peer for name servers.</summary>
    public bool RequestDns { get; init; }

    /// <summary>What is done with the name servers that the peer of a session we dial names.</summary>
    public NameServerUse NameServerUse { get; init; }

    /// <summary>
    /// Largest packet sent, octets. 1400 leaves room for L2TP over IPv4 and IPv6, with IPsec and NAT traversal, on a path of 1500.
    /// </summary>
    public int Mtu { get; init; } = 1400;

    /// <summary>Largest packet we ask the peer to send, octets.</summary>
    public int Mru { get; init; } = 1400;

    /// <summary>
    /// LNS side: what the peer must authenticate with, one of them. LAC side: what we consent to. Empty: LNS none, LAC any.
    /// </summary>
    public ImmutableArray<PppAuthentication> Authentication { get; init; } = [];

    /// <summary>LNS side: the peer has to prove itself again after this long (CHAP, MS-CHAPv2); zero: once is enough.</summary>
    public TimeSpan RechallengeInterval { get; init; }

    /// <summary>Route everything through the session.</summary>
    public bool DefaultRoute { get; init; }

    /// <summary>Metric of the default route; of several the lowest counts.</summary>
    public uint DefaultRouteMetric { get; init; }

    /// <summary>The default route takes precedence over any other, which stays as it is.</summary>
    public bool ReplaceDefaultRoute { get; init; }

    /// <summary>Negotiate IPv6 (link-local addresses).</summary>
    public bool IPv6 { get; init; }

    /// <summary>LCP echo after this long; zero: none.</summary>
    public TimeSpan EchoInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Unanswered LCP echoes before the session is dropped.</summary>
    public int EchoFailures { get; init; } = 4;

    /// <summary>Name of the network interface; null: the kernel's choice.</summary>
    public string? Interface { get; init; }

    /// <summary>Built-in: an interface a session, one for all, or none.</summary>
    public PppInterfaceShape Shape { get; init; }

    /// <summary>Built-in: lower the MSS of TCP connections through a session to what it carries.</summary>
    public bool ClampMss { get; init; }

    /// <summary>Sessions of peers: drop what comes from another address than the peer's own.</summary>
    public bool SourceCheck { get; init; } = true;

    /// <summary>Built-in: time between interim accounting records where the user has none of his own; zero: none.</summary>
    public TimeSpan InterimInterval { get; init; }

    /// <summary>Built-in, LNS side: who decides which users may come in.</summary>
    public AccessChoice Access { get; init; }

    /// <summary>Built-in, LNS side: who may come in, those of <c>users</c> before those of the secrets files.</summary>
    public ImmutableArray<SecretEntry> Users { get; init; } = [];

    /// <summary>Built-in: what to do when a user comes in who is in already.</summary>
    public SameUserPolicy SameUser { get; init; }

    /// <summary>Built-in, LNS side: what to do with what the LAC negotiated.</summary>
    public ProxyLcpPolicy Lcp { get; init; }

    /// <summary>Built-in: longest session; zero: no limit.</summary>
    public TimeSpan SessionTimeout { get; init; }

    /// <summary>Built-in: longest silence on a session, data only; zero: no limit.</summary>
    public TimeSpan IdleTimeout { get; init; }

    /// <summary>File with more pppd options, read before <see cref="Options"/>; absolute; null: none.</summary>
    public string? OptionsFile { get; init; }

    /// <summary>More pppd options, one word each, last so that they win.</summary>
    public ImmutableArray<string> Options { get; init; } = [];
}

/// <summary>Who decides which users may come in.</summary>
public enum AccessChoice
{
    /// <summary>The profile's users.</summary>
    Local,

    /// <summary>The RADIUS servers.</summary>
    Radius,

    /// <summary>The RADIUS servers, or the profile's users when no server answers.</summary>
    RadiusThenLocal,
}

/// <summary>Who speaks PPP.</summary>
public enum PppBackend
{
    /// <summary>A pppd process a session, with its pppol2tp plugin.</summary>
    Pppd,

    /// <summary>This daemon, with the data in the kernel.</summary>
    BuiltIn,
}

/// <summary>How this machine is told of name servers that a peer named.</summary>
public enum NameServerUse
{
    /// <summary>Not at all: they are shown, and hooks see them.</summary>
    None,

    /// <summary>By the program <c>resolvconf</c>.</summary>
    Resolvconf,

    /// <summary>By the program <c>resolvectl</c> of systemd-resolved.</summary>
    Resolved,

    /// <summary>By writing /etc/resolv.conf.</summary>
    File,
}

/// <summary>What sessions of a profile have for an interface.</summary>
public enum PppInterfaceShape
{
    /// <summary>Each its own.</summary>
    Own,

    /// <summary>One for all: packets to subscribers are told apart by their addresses.</summary>
    Shared,

    /// <summary>None: data is dropped and counted.</summary>
    None,
}

/// <summary>What to do when a user comes in who has a session already.</summary>
public enum SameUserPolicy
{
    /// <summary>Let in.</summary>
    Allow,

    /// <summary>The newcomer is refused.</summary>
    Refuse,

    /// <summary>The earlier session is closed.</summary>
    Replace,
}

/// <summary>PPP authentication protocols.</summary>
public enum PppAuthentication
{
    Pap,
    Chap,
    MsChap,
    MsChapV2,
    Eap,
}
