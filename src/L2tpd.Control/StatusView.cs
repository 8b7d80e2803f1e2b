namespace L2tpd.Control;

/// <summary>The daemon as a whole.</summary>
public sealed record StatusView
{
    /// <summary>Version of l2tpd.</summary>
    public required string Version { get; init; }

    public required int ProcessId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double UptimeSeconds { get; init; }

    /// <summary>The daemon's own Host Name AVP.</summary>
    public required string HostName { get; init; }

    /// <summary>"kernel", "userspace" or "null".</summary>
    public required string DataPlane { get; init; }

    /// <summary>Why this one, in words.</summary>
    public required string DataPlaneReason { get; init; }

    /// <summary>Addresses and ports listened on.</summary>
    public required IReadOnlyList<string> Listeners { get; init; }

    public required int Tunnels { get; init; }

    public required int HalfOpenTunnels { get; init; }

    public required int Sessions { get; init; }

    /// <summary>Sessions on which the built-in PPP has a network layer up.</summary>
    public int PppNetworksUp { get; init; }

    /// <summary>Subscribers whose proof of themselves was refused, since the start.</summary>
    public long PppAuthenticationsFailed { get; init; }

    /// <summary>When the configuration in force was read: at the start, or at the last reload that was not refused; null: a daemon that does not say.</summary>
    public DateTimeOffset? ConfigurationReadAt { get; init; }

    public required EngineCountersView Counters { get; init; }

    public required LimitsView Limits { get; init; }
}

/// <summary>Counters since start.</summary>
public sealed record EngineCountersView
{
    public required long DatagramsReceived { get; init; }

    public required long DatagramsSent { get; init; }

    public required long DataDropped { get; init; }

    public required long MalformedHeaders { get; init; }

    public required long UnknownVersion { get; init; }

    public required long UnknownTunnel { get; init; }

    public required long WrongSource { get; init; }

    public required long RateLimited { get; init; }

    public required long HalfOpenLimited { get; init; }

    public required long TunnelsRefused { get; init; }

    public required long TunnelsEstablished { get; init; }

    public required long SessionsEstablished { get; init; }

    public required long SessionsRefused { get; init; }

    /// <summary>L2TPv3 messages dropped for their digest, those that made no tunnel included.</summary>
    public required long DigestFailures { get; init; }
}

/// <summary>Limits in force.</summary>
public sealed record LimitsView
{
    public required int MaxTunnels { get; init; }

    public required int MaxSessions { get; init; }

    public required int MaxHalfOpen { get; init; }

    public required int MaxHalfOpenPerSource { get; init; }

    public required int SccrqRatePerSource { get; init; }

    public required int SccrqBurstPerSource { get; init; }

    /// <summary>Refusals sent per second, to all sources together.</summary>
    public required int RefusalRate { get; init; }

    /// <summary>Descriptors this process may have; null: not known.</summary>
    public long? MaxDescriptors { get; init; }
}
