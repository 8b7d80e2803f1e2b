using System.Collections.Immutable;
using System.Text.Json;
using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.Snapshots;

/// <summary>
/// The state of an engine at one moment, from which <see cref="L2tpEngine.Restore(EngineSnapshot, EngineConfiguration, IRandomSource,
/// Instant)"/> makes an engine that goes on where the first one was: a daemon that restarts keeps its tunnels and sessions, and their peers
/// notice nothing.
/// </summary>
/// <remarks>
/// <para>
/// Holds: control connections with their reliable channels (numbers, queues, windows, timers), sessions, and what the dialler and the
/// static tunnels have planned. All times are milliseconds relative to the moment of the snapshot, negative for the past, because the clock
/// of the next process may count from elsewhere. <c>null</c> is a time that never comes.
/// </para>
/// <para>
/// Does not hold: half-open requests, for which there is no tunnel yet (their peers time out and dial again), the counts of the admission
/// limits, the engine's own counters, and the configuration. A secret is in it only where a tunnel has another one than its profile by now,
/// but nonces, cookies and proxy authentication AVPs are: keep it as a secret.
/// </para>
/// <para>
/// PPP endpoints, address leases and accounting belong to the host. It keeps its records beside the snapshot, by <see
/// cref="SessionSnapshot.Key"/>; the keys are the same in the restored engine. So are the numbers of the sockets in <see
/// cref="TunnelSnapshot.Path"/>.
/// </para>
/// </remarks>
public sealed record EngineSnapshot
{
    /// <summary>The <see cref="Format"/> that this version writes, and the only one that it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Changes when an older version could misread a snapshot.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The last generation given to a tunnel or session.</summary>
    public required uint Generation { get; init; }

    /// <summary>The engine was told to end.</summary>
    public bool IsShuttingDown { get; init; }

    /// <summary>Every peer is drained.</summary>
    public bool IsDrained { get; init; }

    /// <summary>Names of the peers that are drained.</summary>
    public ImmutableArray<string> DrainedPeers { get; init; } = [];

    /// <summary>16-bit ids of tunnels that we dial.</summary>
    public required IdSequenceSnapshot TunnelIds { get; init; }

    /// <summary>Control connection ids of L2TPv3; <c>null</c> if none was drawn.</summary>
    public IdSequenceSnapshot? WideTunnelIds { get; init; }

    /// <summary>Session ids of L2TPv3; <c>null</c> if none was drawn.</summary>
    public IdSequenceSnapshot? WideSessionIds { get; init; }

    /// <summary>The session profiles in use, each once; sessions refer to them by index.</summary>
    public ImmutableArray<SessionProfile> SessionProfiles { get; init; } = [];

    /// <summary>The dialler's tunnels by their number, former ones included.</summary>
    public ImmutableArray<DialledTunnelSnapshot> DialledTunnels { get; init; } = [];

    public ImmutableArray<StaticLineSnapshot> StaticTunnels { get; init; } = [];

    public ImmutableArray<TunnelSnapshot> Tunnels { get; init; } = [];

    /// <summary>The snapshot as JSON in UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SnapshotJson.Default.EngineSnapshot);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The octets are no snapshot, or one in another format.</exception>
    public static EngineSnapshot FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, SnapshotJson.Default.EngineSnapshot) is { Format: CurrentFormat } snapshot
            ? snapshot
            : throw new JsonException($"The snapshot is not in format {CurrentFormat}.");
}

/// <summary>Where a sequence of ids is, so that no id is drawn again before all others were.</summary>
public sealed record IdSequenceSnapshot(ulong Key, bool IsWide, uint Count);
