using System.Collections.Immutable;
using System.Net;
using L2tpd.Radius.Client;

namespace L2tpd.Configuration;

/// <summary>The RADIUS servers of profiles with <c>access: radius</c>.</summary>
public sealed record RadiusSettings
{
    /// <summary>In the order of preference; at least one.</summary>
    public ImmutableArray<RadiusServerSettings> Servers { get; init; } = [];

    /// <summary>Groups that profiles name. A profile that names none uses all servers, in their order.</summary>
    public ImmutableArray<RadiusGroupSettings> Groups { get; init; } = [];

    /// <summary>How long the first packet of a request waits for its answer; it doubles with each further packet.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Packets per request and server, the first included.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Who may change and end sessions; <c>null</c>: nobody.</summary>
    public DynamicAuthorizationSettings? DynamicAuthorization { get; init; }

    /// <summary>Where accounting records wait on disk; <c>null</c>: in memory only.</summary>
    public AccountingSpoolSettings? AccountingSpool { get; init; }
    /// <summary>Ask servers for a Chargeable-User-Identity (RFC 4372), which accounting then repeats.</summary>
    public bool ChargeableUserIdentity { get; init; }

    /// <summary>The time between two Status-Server probes of a server (RFC 3539 section 3.4.1).</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a dead server that answers no probes gets no request; then one request tries it.</summary>
    public TimeSpan DeadTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether both say the same of the servers, secrets and certificates included.</summary>
    public bool HasSameContent(RadiusSettings other) =>
        this == other with
        {
            Servers = Servers, Groups = Groups, DynamicAuthorization = DynamicAuthorization, AccountingSpool = AccountingSpool,
        }
        && Servers.Length == other.Servers.Length
        && Groups.Length == other.Groups.Length
        && Servers.Zip(other.Servers).All(static pair => pair.First.HasSameContent(pair.Second))
        && Groups.Zip(other.Groups).All(static pair => pair.First == pair.Second with { Servers = pair.First.Servers }
            && pair.First.Servers.SequenceEqual(pair.Second.Servers));
}

/// <summary>Servers that share the requests of profiles.</summary>
public sealed record RadiusGroupSettings
{
    public required string Name { get; init; }

    /// <summary>Names of servers, in the order of preference; at least one.</summary>
    public required ImmutableArray<string> Servers { get; init; }

    /// <summary>How they share requests.</summary>
    public GroupPolicy Mode { get; init; }
}

/// <summary>What carries the packets.</summary>
public enum RadiusTransport
{
    /// <summary>RFC 2865.</summary>
    Udp,

    /// <summary>RadSec, RFC 6614.</summary>
    Tls,
}

/// <summary>Whether a server is probed with Status-Server (RFC 5997).</summary>
public enum StatusServerUse
{
    /// <summary>It is, and also tried with requests until it has answered a probe.</summary>
    Auto,
    Yes,
    No,
}

/// <summary>One server.</summary>
public sealed record RadiusServerSettings
{
    public required string Name { get; init; }

    public required IPAddress Address { get; init; }

    public RadiusTransport Transport { get; init; }

    /// <summary>With TLS: of the connections, which carry accounting too.</summary>
    public ushort AuthenticationPort { get; init; } = 1812;

    /// <summary>Without a meaning with TLS.</summary>
    public ushort AccountingPort { get; init; } = 1813;

    public required Secret Secret { get; init; }

    /// <summary>Certificates, with <see cref="RadiusTransport.Tls"/>.</summary>
    public RadiusTlsSettings? Tls { get; init; }

    /// <summary>Our address towards the server; <c>null</c>: by the routes.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Whether answers to Access-Requests must have a Message-Authenticator (CVE-2024-3596).</summary>
    public MessageAuthenticatorPolicy MessageAuthenticator { get; init; }

    public StatusServerUse StatusServer { get; init; }

    /// <summary>
    /// Requests in flight at one time, of each service; further ones wait. A burst of this size fits the usual receive buffer of a server.
    /// </summary>
    public int MaxRequests { get; init; } = 128;

    /// <summary>Whether both say the same, secrets and certificates included.</summary>
    public bool HasSameContent(RadiusServerSettings other) =>
        this == other with { Secret = Secret, Tls = Tls }
        && Secret.Reveal().AsSpan().SequenceEqual(other.Secret.Reveal())
        && (Tls is null ? other.Tls is null : other.Tls is { } tls && Tls.HasSameContent(tls));
}

/// <summary>How a server with TLS proves itself, and how we do. The contents of the files, so that a reload finds renewed ones.</summary>
public sealed record RadiusTlsSettings
{
    /// <summary>Certificates of the authorities that may have signed the server's, PEM.</summary>
    public required string Authorities { get; init; }

    /// <summary>Our certificate, then those between it and the authority, PEM.</summary>
    public required string Certificate { get; init; }

    /// <summary>The key of our certificate, PEM.</summary>
    public required Secret Key { get; init; }

    /// <summary>DNS name or address that the server's certificate must have.</summary>
    public required string ServerName { get; init; }

    /// <summary>Whether both say the same, the key included.</summary>
    public bool HasSameContent(RadiusTlsSettings other) =>
        this == other with { Key = Key } && Key.Reveal().AsSpan().SequenceEqual(other.Key.Reveal());
}
