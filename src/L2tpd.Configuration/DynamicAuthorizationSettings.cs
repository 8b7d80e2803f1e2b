using System.Collections.Immutable;
using System.Net;

namespace L2tpd.Configuration;

/// <summary>Who may change and end sessions by CoA- and Disconnect-Requests (RFC 5176), and where they are received.</summary>
public sealed record DynamicAuthorizationSettings
{
    /// <summary>The address to receive on; <c>null</c>: all of the families that the clients have.</summary>
    public IPAddress? Listen { get; init; }

    /// <summary>The UDP port.</summary>
    public ushort Port { get; init; } = 3799;

    /// <summary>Whether a request without Event-Timestamp is dropped.</summary>
    public bool RequireEventTimestamp { get; init; }

    /// <summary>At least one; no two have the same address.</summary>
    public ImmutableArray<DynamicAuthorizationClientSettings> Clients { get; init; } = [];

    /// <summary>Whether both say the same, secrets included.</summary>
    public bool HasSameContent(DynamicAuthorizationSettings other) =>
        this == other with { Clients = Clients } && Clients.Length == other.Clients.Length
        && Clients.Zip(other.Clients).All(static pair => pair.First == pair.Second with { Secret = pair.First.Secret }
            && pair.First.Secret.Reveal().AsSpan().SequenceEqual(pair.Second.Secret.Reveal()));
}

/// <summary>One client.</summary>
public sealed record DynamicAuthorizationClientSettings
{
    public required string Name { get; init; }

    /// <summary>The address that its requests come from.</summary>
    public required IPAddress Address { get; init; }

    public required Secret Secret { get; init; }
}

/// <summary>Where accounting records wait on disk while no RADIUS server answers.</summary>
public sealed record AccountingSpoolSettings
{
    /// <summary>Absolute path.</summary>
    public required string Directory { get; init; }

    /// <summary>Octets of all files together.</summary>
    public long MaxSize { get; init; } = 64 << 20;

    /// <summary>How long a record may wait.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);
}
