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

    /// <summary>Subscribers whose PPP authentication failed, since the start.</summary>
    public long PppAuthenticationsFailed { get; init; }

    /// <summary>When the configuration in force was read: at the start or at the last reload; <c>null</c> from older daemons.</summary>
    public DateTimeOffset? ConfigurationReadAt { get; init; }

    /// <summary>The last reload and its failure; <c>null</c> if there was none since the start.</summary>
    public LastReloadView? LastReload { get; init; }

    /// <summary>The level of the log, if another one than the configured one is set for a while; otherwise <c>null</c>.</summary>
    public LogLevelView? LogLevel { get; init; }

    /// <summary>Peers that get no new tunnels and sessions; <c>null</c> if none is drained.</summary>
    public DrainView? Drain { get; init; }

    /// <summary>
    /// Configured tunnels and sessions that are down because nobody opened them or the operator keeps them down; <c>null</c> if there are
    /// none. The first 100.
    /// </summary>
    public IReadOnlyList<string>? HeldDown { get; init; }

    /// <summary>
    /// Sessions that are down until a packet waits for them (<c>dial: on-traffic</c>); <c>null</c> if there are none. The first 100.
    /// </summary>
    public IReadOnlyList<string>? WaitingForTraffic { get; init; }

    /// <summary>Many sessions that are being closed at a rate, or were last; <c>null</c> if there were none.</summary>
    public ClosingView? Closing { get; init; }

    /// <summary>Counters of the engine since the start, by name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    public required LimitsView Limits { get; init; }

    /// <summary>Packets that the kernel's IPsec dropped; <c>null</c> if the kernel has no IPsec.</summary>
    public IpsecDropsView? IpsecDrops { get; init; }
}

/// <summary>
/// Packets that the kernel's IPsec dropped in the daemon's network namespace since its start. The kernel does not count by socket.
/// </summary>
public sealed record IpsecDropsView
{
    /// <summary>Received in clear text where a policy wants ESP.</summary>
    public required long ClearText { get; init; }

    /// <summary>Received in ESP with an SPI that no association has.</summary>
    public required long NoAssociation { get; init; }

    /// <summary>Received in ESP: not authentic, repeated, too old, or broken.</summary>
    public required long Invalid { get; init; }

    /// <summary>Not sent: no association, or an error in one.</summary>
    public required long NotSent { get; init; }

    /// <summary>
    /// Received out of IPsec without a mark, on a listener with <c>marks</c> and <c>ipsec: required</c>; dropped by l2tpd.
    /// </summary>
    public long WithoutMark { get; init; }
}

/// <summary>Peers that get no new tunnels and sessions; those that they have stay.</summary>
/// <param name="All">Every peer.</param>
/// <param name="Peers">Names of the peers drained by name.</param>
/// <param name="Tunnels">Tunnels of drained peers that are still there.</param>
/// <param name="Sessions">Sessions in them.</param>
public sealed record DrainView(bool All, IReadOnlyList<string> Peers, int Tunnels, int Sessions);

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

    /// <summary>Descriptors this process may have; <c>null</c> if it is not known.</summary>
    public long? MaxDescriptors { get; init; }
}
