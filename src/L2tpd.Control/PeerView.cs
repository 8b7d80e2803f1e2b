namespace L2tpd.Control;

/// <summary>A peer profile, or the profile of a dialled tunnel, with its tunnels and sessions alive.</summary>
public sealed record PeerView
{
    public required string Name { get; init; }

    /// <summary>Source prefixes; empty: any.</summary>
    public required IReadOnlyList<string> Prefixes { get; init; }

    /// <summary>Pattern for the Host Name AVP; <c>null</c>: any.</summary>
    public string? HostNamePattern { get; init; }

    /// <summary>"v2", "v3" or "auto".</summary>
    public required string Protocol { get; init; }

    /// <summary>A secret is configured.</summary>
    public required bool HasSecret { get; init; }

    /// <summary>Peer quirks in force, in the configuration's spelling; empty: none.</summary>
    public required IReadOnlyList<string> Quirks { get; init; }

    public required int Tunnels { get; init; }

    /// <summary>Tunnels not yet established, part of <see cref="Tunnels"/>.</summary>
    public required int HalfOpenTunnels { get; init; }

    public required int Sessions { get; init; }

    /// <summary><c>null</c> if there is no limit.</summary>
    public int? MaxTunnels { get; init; }

    public required int MaxSessionsPerTunnel { get; init; }

    /// <summary>Of a dialled tunnel: the names of its configured sessions, up or not; <c>null</c> of a peer.</summary>
    public IReadOnlyList<string>? ConfiguredSessions { get; init; }

    /// <summary>As of a tunnel, summed over the tunnels alive.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }
}
