using System.Collections.Immutable;
using System.Net;
using L2tpd.Radius.Client;

namespace L2tpd.Configuration;

/// <summary>The RADIUS servers of profiles with <c>access: radius</c>.</summary>
public sealed record RadiusSettings
{
    /// <summary>In the order of preference; at least one.</summary>
    public ImmutableArray<RadiusServerSettings> Servers { get; init; } = [];

    /// <summary>How long the first packet of a request waits for its answer; it doubles with each further packet.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Packets per request and server, the first included.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Ask servers for a Chargeable-User-Identity (RFC 4372), which accounting then repeats.</summary>
    public bool ChargeableUserIdentity { get; init; }

    /// <summary>Whether both say the same, secrets included.</summary>
    public bool HasSameContent(RadiusSettings other) =>
        this == other with { Servers = Servers } && Servers.Length == other.Servers.Length
        && Servers.Zip(other.Servers).All(static pair => pair.First == pair.Second with { Secret = pair.First.Secret }
            && pair.First.Secret.Reveal().AsSpan().SequenceEqual(pair.Second.Secret.Reveal()));
}

/// <summary>One server.</summary>
public sealed record RadiusServerSettings
{
    public required string Name { get; init; }

    public required IPAddress Address { get; init; }

    public ushort AuthenticationPort { get; init; } = 1812;

    public ushort AccountingPort { get; init; } = 1813;

    public required Secret Secret { get; init; }

    /// <summary>Our address towards the server; <c>null</c>: by the routes.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Whether answers to Access-Requests must have a Message-Authenticator (CVE-2024-3596).</summary>
    public MessageAuthenticatorPolicy MessageAuthenticator { get; init; }
}
