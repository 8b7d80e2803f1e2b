namespace L2tpd.Linux.Loop;

/// <summary>What a descriptor is ready for; values are the kernel's EPOLL bits.</summary>
[Flags]
public enum Readiness
{
    None = 0,
    Readable = 0x1,
    Priority = 0x2,
    Writable = 0x4,

    /// <summary>Always reported. On a UDP socket: the error queue has something.</summary>
    Error = 0x8,

    /// <summary>Always reported.</summary>
    HangUp = 0x10,
    PeerClosed = 0x2000,
}

/// <summary>Is told when its descriptor is ready. Called on the loop's thread.</summary>
public interface IReadinessHandler
{
    /// <summary>The descriptor is ready. Level-triggered: what is left unread is reported again.</summary>
    void OnReady(Readiness readiness);
}

/// <summary>What the loop turns for. All calls come on the loop's thread.</summary>
public interface ILoopClient
{
    /// <summary>When to wake at the latest, in milliseconds of <see cref="MonotonicClock"/>; <see cref="long.MaxValue"/>: no deadline. Asked before every wait.</summary>
    long NextDeadline { get; }

    /// <summary>
    /// Called once a turn, after the ready descriptors and the inbox were served, and never before the deadline asked for unless there was something to serve:
    /// run what is due at <paramref name="nowMilliseconds"/>, then flush what was queued to send.
    /// </summary>
    void OnTurn(long nowMilliseconds);
}
