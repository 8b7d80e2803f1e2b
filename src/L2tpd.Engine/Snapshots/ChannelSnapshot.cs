using System.Collections.Immutable;

namespace L2tpd.Engine.Snapshots;

/// <summary>One reliable channel: sequence numbers, both queues, window and timers.</summary>
public sealed record ChannelSnapshot
{
    /// <summary>Ns of the oldest message that is not acknowledged.</summary>
    public required ushort OldestNs { get; init; }

    /// <summary>Nr: the Ns expected next from the peer.</summary>
    public required ushort NextNr { get; init; }

    /// <summary>How many of <see cref="Outbound"/> have an Ns.</summary>
    public int Sent { get; init; }

    /// <summary>How many of <see cref="Outbound"/> count against the window.</summary>
    public int InFlight { get; init; }

    public required long LastArrival { get; init; }

    /// <summary>The receive window that the peer was told.</summary>
    public required int ReceiveWindow { get; init; }

    public required int MaxRetransmits { get; init; }

    public bool IsDead { get; init; }

    public required int MostEarlyOctets { get; init; }

    public required WindowSnapshot Window { get; init; }

    public required RetransmitTimerSnapshot Timer { get; init; }

    public required AckSnapshot Ack { get; init; }

    /// <summary>Messages not yet acknowledged, oldest first.</summary>
    public ImmutableArray<OutboundSnapshot> Outbound { get; init; } = [];

    /// <summary>Messages that came ahead of their turn.</summary>
    public ImmutableArray<EarlySnapshot> Early { get; init; } = [];
}

/// <summary>A congestion window (RFC 2661 appendix A).</summary>
public sealed record WindowSnapshot(int Size, int PeerWindow, int SlowStartThreshold, int AcksTowardsGrowth);

/// <param name="Timeout">Length of the wait under way, ms.</param>
/// <param name="Deadline">Its end; <c>null</c> if the timer does not run.</param>
/// <param name="Expirations">Timeouts of the oldest message so far.</param>
public sealed record RetransmitTimerSnapshot(long Timeout, long? Deadline, int Expirations);

/// <param name="Unacknowledged">In-order messages received since an acknowledgement was sent.</param>
/// <param name="Beginning">In-order messages received since the channel began, up to the window.</param>
/// <param name="Deadline">When an acknowledgement is sent by itself; <c>null</c> if none is owed.</param>
/// <param name="IsDueAtOnce">It may not wait for the deadline.</param>
public sealed record AckSnapshot(int Unacknowledged, int Beginning, long? Deadline, bool IsDueAtOnce);

public sealed record OutboundSnapshot(byte[] Bytes, long FirstSent, int Transmissions);

public sealed record EarlySnapshot(ushort Ns, byte[] Bytes);
