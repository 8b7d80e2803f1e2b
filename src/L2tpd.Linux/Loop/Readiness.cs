namespace L2tpd.Linux.Loop;

/// <summary>What a descriptor is ready for. The values are the EPOLL bits of the kernel.</summary>
[Flags]
public enum Readiness
{
    None = 0,
    Readable = 0x1,
    Priority = 0x2,
    Writable = 0x4,

    /// <summary>Always reported. On a UDP socket: the error queue has an entry.</summary>
    Error = 0x8,

    /// <summary>Always reported.</summary>
    HangUp = 0x10,
    PeerClosed = 0x2000,
}

/// <summary>Handles the readiness of a descriptor, on the loop's thread.</summary>
public interface IReadinessHandler
{
    /// <summary>Called when the descriptor is ready. Level-triggered: what is left unread is reported again.</summary>
    void OnReady(Readiness readiness);
}

/// <summary>The owner of the loop's work. All calls come on the loop's thread.</summary>
public interface ILoopClient
{
    /// <summary>
    /// The latest time to wake, in milliseconds of <see cref="MonotonicClock"/>. <see cref="long.MaxValue"/>: no deadline. Read before
    /// every wait.
    /// </summary>
    long NextDeadline { get; }

    /// <summary>
    /// Called once per turn, after the ready descriptors and the inbox. Not called before the deadline if nothing was served. Run what is
    /// due at <paramref name="nowMilliseconds"/>, then send what was queued.
    /// </summary>
    void OnTurn(long nowMilliseconds);
}
