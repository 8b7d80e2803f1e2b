using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Inform;

namespace L2tpd.Configuration;

/// <summary>How PPP runs on a session.</summary>
public sealed record PppProfile
{
    public required string Name { get; init; }

    public PppBackend Backend { get; init; } = PppBackend.Pppd;

    /// <summary>Why <c>backend: auto</c> chose this back end; <c>null</c> if the file names it.</summary>
    public string? BackendReason { get; init; }

    /// <summary>Absolute path of pppd.</summary>
    public string Program { get; init; } = "/usr/sbin/pppd";

    /// <summary>Our name when the peer authenticates us; <c>null</c> if there is none.</summary>
    public string? User { get; init; }

    /// <summary>Our password when the peer authenticates us; <c>null</c> if pppd takes it from its secrets files.</summary>
    public Secret? Password { get; init; }

    /// <summary>
    /// Our name when we authenticate the peer, which is the server field of pppd's secrets files; <c>null</c> for the machine's host name.
    /// </summary>
    public string? ServerName { get; init; }

    /// <summary>The address of our end; <c>null</c> if it is negotiated.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>The address of the peer; <c>null</c> if it is from <see cref="Pool"/> or negotiated.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Addresses for peers, one per session; empty if there are none.</summary>
    public ImmutableArray<AddressRange> Pool { get; init; } = [];

    /// <summary>Name servers for the peer, at most two.</summary>
    public ImmutableArray<IPAddress> Dns { get; init; } = [];

    /// <summary>NetBIOS name servers (WINS) for the peer, at most two.</summary>
    public ImmutableArray<IPAddress> Nbns { get; init; } = [];

    /// <summary>Ask the peer for name servers.</summary>
    public bool RequestDns { get; init; }

    /// <summary>What this machine does with the name servers that the peer of a dialled session sends.</summary>
    public NameServerUse NameServerUse { get; init; }

    /// <summary>
    /// Longest packet that we send, octets. 1400 leaves room for L2TP over IPv4 and IPv6, with IPsec and NAT traversal, on a path of 1500.
    /// </summary>
    public int Mtu { get; init; } = 1400;

    /// <summary>Longest packet that we ask the peer to send, octets.</summary>
    public int Mru { get; init; } = 1400;

    /// <summary>Whether the file names <see cref="Mtu"/> or <see cref="Mru"/>.</summary>
    public bool IsSizeWritten { get; init; }

    /// <summary>
    /// LNS: the protocols of which the peer must use one. LAC: the protocols that we accept. Empty: none for an LNS, any for a LAC.
    /// </summary>
    public ImmutableArray<PppAuthentication> Authentication { get; init; } = [];

    /// <summary>LNS: the peer must authenticate again after this time (CHAP, MS-CHAPv2); zero if once is enough.</summary>
    public TimeSpan RechallengeInterval { get; init; }

    /// <summary>Route everything through the session.</summary>
    public bool DefaultRoute { get; init; }

    /// <summary>Metric of the default route; the lowest one is used.</summary>
    public uint DefaultRouteMetric { get; init; }

    /// <summary>Whether the default route takes precedence over all others, which stay unchanged.</summary>
    public bool ReplaceDefaultRoute { get; init; }

    /// <summary>Negotiate IPv6 (link-local addresses).</summary>
    public bool IPv6 { get; init; }

    /// <summary>
    /// Built-in: the LNS end of a session is the IPv6 router of the other: it sends router advertisements, and the other end takes them.
    /// </summary>
    public bool IPv6Router { get; init; }

    /// <summary>Built-in, LNS: IPv6 name servers for peers, at most eight.</summary>
    public ImmutableArray<IPAddress> IPv6Dns { get; init; } = [];

    /// <summary>Built-in, LNS: domains that peers search, at most eight.</summary>
    public ImmutableArray<string> IPv6Search { get; init; } = [];

    /// <summary>Built-in, LNS: what peers are told that ask by DHCPINFORM; <c>null</c>: they get no answer.</summary>
    public InformSettings? Inform { get; init; }

    /// <summary>Built-in, LNS: the prefix pools of users who have no others.</summary>
    public Ipv6PoolNames Ipv6Pools { get; init; } = Ipv6PoolNames.None;

    /// <summary>Built-in, LNS: how DHCPv6 gives prefixes and addresses.</summary>
    public Dhcpv6Settings Dhcpv6 { get; init; } = new();

    /// <summary>Time between LCP echoes; zero for none.</summary>
    public TimeSpan EchoInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Number of unanswered LCP echoes after which the session ends.</summary>
    public int EchoFailures { get; init; } = 4;

    /// <summary>Name of the network interface; <c>null</c> if the kernel chooses it.</summary>
    public string? Interface { get; init; }

    /// <summary>Built-in: one interface per session, one for all sessions, or none.</summary>
    public PppInterfaceShape Shape { get; init; }

    /// <summary>Built-in: lower the MSS of TCP connections to what fits the session.</summary>
    public bool ClampMss { get; init; }

    /// <summary>Sessions of peers: drop packets whose source is not the peer's own address.</summary>
    public bool SourceCheck { get; init; } = true;

    /// <summary>Built-in: largest rate from the peer of users who have no value of their own; <c>null</c>: no limit.</summary>
    public RateLimit? RateFromPeer { get; init; }

    /// <summary>Built-in: largest rate to the peer, in the same way.</summary>
    public RateLimit? RateToPeer { get; init; }

    /// <summary>Built-in: time between interim accounting records of users who have no value of their own; zero for none.</summary>
    public TimeSpan InterimInterval { get; init; }

    /// <summary>Built-in, LNS side: who decides which users may log in.</summary>
    public AccessChoice Access { get; init; }

    /// <summary>Group of RADIUS servers to ask; <c>null</c>: all servers.</summary>
    public string? RadiusGroup { get; init; }

    /// <summary>Built-in, LNS: the users that may log in, those of <c>users</c> before those of the secrets files.</summary>
    public ImmutableArray<SecretEntry> Users { get; init; } = [];

    /// <summary>Built-in: what happens if a user logs in who has a session already.</summary>
    public SameUserPolicy SameUser { get; init; }

    /// <summary>Built-in, LNS: the use of what the LAC has negotiated (proxy LCP).</summary>
    public ProxyLcpPolicy Lcp { get; init; }

    /// <summary>Built-in: longest session; zero for no limit.</summary>
    public TimeSpan SessionTimeout { get; init; }

    /// <summary>Built-in: longest time without data on a session; zero for no limit.</summary>
    public TimeSpan IdleTimeout { get; init; }

    /// <summary>Built-in, LNS: how often a peer may try again after a wrong password, on the same link (PAP, MS-CHAPv2).</summary>
    public int AuthenticationRetries { get; init; }

    /// <summary>Built-in, LNS: which routes of a user are installed.</summary>
    public FramedRouteRules FramedRoutes { get; init; } = FramedRouteRules.Default;

    /// <summary>Absolute path of a file with more pppd options, read before <see cref="Options"/>; <c>null</c> if there is none.</summary>
    public string? OptionsFile { get; init; }

    /// <summary>More pppd options, one word each. They come last, so that they take precedence.</summary>
    public ImmutableArray<string> Options { get; init; } = [];
}

/// <summary>Who decides which users may log in.</summary>
public enum AccessChoice
{
    /// <summary>The profile's users.</summary>
    Local,

    /// <summary>The RADIUS servers.</summary>
    Radius,

    /// <summary>The RADIUS servers, or the profile's users when no server answers.</summary>
    RadiusThenLocal,
}

/// <summary>The implementation of PPP.</summary>
public enum PppBackend
{
    /// <summary>One pppd process per session, with its pppol2tp plugin.</summary>
    Pppd,

    /// <summary>This daemon; the kernel or this process carries the data.</summary>
    BuiltIn,
}

/// <summary>How name servers of a peer are set on this machine.</summary>
public enum NameServerUse
{
    /// <summary>Not at all: they are shown, and hooks receive them.</summary>
    None,

    /// <summary>By the program <c>resolvconf</c>.</summary>
    Resolvconf,

    /// <summary>By the program <c>resolvectl</c> of systemd-resolved.</summary>
    Resolved,

    /// <summary>By writing /etc/resolv.conf.</summary>
    File,
}

/// <summary>The interface of a profile's sessions.</summary>
public enum PppInterfaceShape
{
    /// <summary>One interface per session.</summary>
    Own,

    /// <summary>One interface for all sessions: packets to subscribers are assigned by their destination address.</summary>
    Shared,

    /// <summary>No interface: data is dropped and counted.</summary>
    None,
}

/// <summary>What happens if a user logs in who has a session already.</summary>
public enum SameUserPolicy
{
    /// <summary>The new session is accepted.</summary>
    Allow,

    /// <summary>The new session is refused.</summary>
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
