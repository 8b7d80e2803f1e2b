using System.Collections.Immutable;
using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;

namespace L2tpd.Engine.Configuration;

/// <summary>A tunnel that we dial and keep.</summary>
public sealed record LacTunnel
{
    public required string Name { get; init; }

    /// <summary>Host names or addresses of the LNS, tried in order; names are resolved again at every attempt.</summary>
    public required ImmutableArray<RemoteHost> Remotes { get; init; }

    /// <summary>The rules towards this LNS.</summary>
    public required PeerProfile Peer { get; init; }

    /// <summary>UDP, or IP protocol 115 (L2TPv3 only).</summary>
    public DataCarrier Carrier { get; init; } = DataCarrier.Udp;

    /// <summary>An address of the LNS, as this tunnel reaches it.</summary>
    internal Endpoint EndpointOf(IPAddress address, ushort port) =>
        Endpoint.From(address, port, Carrier) with { IsProtected = Peer.Ipsec.Policy == IpsecPolicy.Required };

    /// <summary>Our address; <c>null</c> if routing decides.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>UDP source port: 1701 (shared with the listener) or another; 0 for an ephemeral one.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>Where an LNS that refuses our SCCRQ with "try another" may send us.</summary>
    public RedirectPolicy Redirect { get; init; } = RedirectPolicy.SamePrefix;

    /// <summary>When it is dialled.</summary>
    public DialMode Dial { get; init; }

    /// <summary>Dial again when the tunnel ends.</summary>
    public bool Persist { get; init; } = true;

    public Backoff Backoff { get; init; } = new();

    /// <summary>
    /// How long an LNS that was lost comes after the others, and how long the tunnel has to be up at another one before those ahead of it
    /// in <see cref="Remotes"/> are tried again, in addition to it. Zero: the loss counts for good, and they are not tried.
    /// </summary>
    public TimeSpan PreferBack { get; init; } = TimeSpan.FromMinutes(10);

    public ImmutableArray<LacSession> Sessions { get; init; } = [];
}

/// <summary>
/// Which addresses named by a StopCCN with "try another" (RFC 2661 section 4.4.2, RFC 3193 section 4) are dialled. In L2TPv2 nothing shows
/// that the LNS wrote them.
/// </summary>
public enum RedirectPolicy
{
    /// <summary>None: the next LNS of the configuration is tried.</summary>
    Refuse,

    /// <summary>Those in the IPv4 /24 or the IPv6 /64 of the address that was dialled.</summary>
    SamePrefix,

    /// <summary>Any that is one host's.</summary>
    Any,
}

/// <summary>Host name or address literal, and UDP port.</summary>
public sealed record RemoteHost(string Host, ushort Port = 1701)
{
    /// <summary>
    /// Who is asked for the LNSs, instead of a name or address; <c>null</c>: nobody. <see cref="Host"/> then only names the question.
    /// </summary>
    public LnsQuery? Query { get; init; }
}

/// <summary>The question to a server where to dial; it is asked again at every attempt.</summary>
/// <param name="User">The realm or user to ask for.</param>
/// <param name="Password">What the server wants to know as its password.</param>
public sealed record LnsQuery(string User, string Password)
{
    /// <summary>The group of servers to ask; <c>null</c>: all servers.</summary>
    public string? Group { get; init; }

    /// <summary>Never shows the password.</summary>
    public override string ToString() => $"LnsQuery {{ User = {User} }}";
}

/// <summary>An LNS that was named in an answer to an <see cref="LnsQuery"/>, with the rules for the tunnel to it.</summary>
/// <param name="Address">Its address.</param>
public sealed record LnsCandidate(IPAddress Address)
{
    /// <summary>Our address; <c>null</c>: as configured.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>The shared secret; <c>null</c>: as configured.</summary>
    public byte[]? Secret { get; init; }

    /// <summary>Our Host Name AVP; <c>null</c>: as configured.</summary>
    public string? LocalHostName { get; init; }

    /// <summary>The Host Name AVP that its SCCRP must have; <c>null</c>: any.</summary>
    public string? PeerHostName { get; init; }

    /// <summary>
    /// Tunnel-Assignment-ID (RFC 2868 section 3.6): dialled tunnels with the same one, the same ends and the same Host Name use one tunnel;
    /// <c>null</c>: this one is shared with no other.
    /// </summary>
    public string? AssignmentId { get; init; }

    /// <summary>Private Group ID AVP 37 of sessions that have none configured.</summary>
    public string? PrivateGroupId { get; init; }

    /// <summary>The configured rules with those of this LNS.</summary>
    public PeerProfile Apply(PeerProfile configured) => configured with
    {
        Secret = Secret ?? configured.Secret,
        SecondSecret = Secret is null ? configured.SecondSecret : null,
        LocalHostName = LocalHostName ?? configured.LocalHostName,
    };

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"LnsCandidate {{ Address = {Address} }}";
}

/// <summary>Waits between attempts: doubling from Initial to Maximum, each with random jitter of up to ±Jitter of itself.</summary>
public sealed record Backoff
{
    public TimeSpan Initial { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan Maximum { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>0 to 1.</summary>
    public double Jitter { get; init; } = 0.25;
}

/// <summary>A session of a tunnel that we dial.</summary>
public sealed record LacSession
{
    public required string Name { get; init; }

    public CallDirection Direction { get; init; } = CallDirection.Incoming;

    public SessionProfile Session { get; init; } = new();

    /// <summary>When it is set up.</summary>
    public DialMode Dial { get; init; }

    /// <summary>Set it up again when it ends.</summary>
    public bool Persist { get; init; } = true;

    public Backoff Backoff { get; init; } = new();

    /// <summary>
    /// Longest wait while the peer refuses the credentials; waits double up to it from the first of <see cref="Backoff"/>.
    /// </summary>
    public TimeSpan MaxRefused { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Refusals of the credentials in a row after which the session is not tried again; <c>null</c> without such a limit.
    /// </summary>
    public int? GiveUpAfter { get; init; }

    public string? CallingNumber { get; init; }

    public string? CalledNumber { get; init; }

    public string? SubAddress { get; init; }

    /// <summary>Connect speeds in bit/s for ICCN; an Rx speed of <c>null</c> is not sent.</summary>
    public uint TxConnectSpeed { get; init; } = 1_000_000_000;

    public uint? RxConnectSpeed { get; init; }

    public FramingTypes FramingType { get; init; } = FramingTypes.Synchronous;

    public BearerTypes BearerType { get; init; } = BearerTypes.Digital;

    /// <summary>Private Group ID AVP 37.</summary>
    public string? PrivateGroupId { get; init; }

    /// <summary>Session DS AVP 48, a PHB code.</summary>
    public ushort? SessionDs { get; init; }

    /// <summary>L2TPv3: Remote End ID AVP 66 as text, 0x and digits for octets; <c>null</c> for the session's name.</summary>
    public string? RemoteEndId { get; init; }

    /// <summary>OCRQ: bounds on the speed, bit/s.</summary>
    public uint MinimumBps { get; init; }

    public uint MaximumBps { get; init; } = uint.MaxValue;
}

/// <summary>Which request we send: Incoming is an ICRQ (we are the LAC), Outgoing an OCRQ (we are the LNS).</summary>
public enum CallDirection
{
    Incoming,
    Outgoing,
}
