namespace L2tpd.Linux.Loop;

/// <summary>
/// One thread's own epoll: descriptors with handlers, a deadline in exact milliseconds, and an inbox through which other threads hand over results.
/// Everything but <see cref="Post"/> and <see cref="Stop"/> belongs to the thread that runs the loop (checked in debug builds once it runs).
/// </summary>
public sealed class EventLoop : IDisposable
{
    /// <summary>Makes epoll and the wake-up eventfd.</summary>
    /// <exception cref="LinuxException">EMFILE.</exception>
    public EventLoop() => throw new NotImplementedException();

    /// <summary>
    /// Watches a descriptor until the registration is disposed; dispose it before the descriptor is closed. An event already fetched for a registration
    /// that was disposed in the same turn is not delivered.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refuses the descriptor.</exception>
    public LoopRegistration Register(FileDescriptor descriptor, Readiness interest, IReadinessHandler handler) => throw new NotImplementedException();

    /// <summary>Runs <paramref name="work"/> on the loop's thread, in the order posted. From any thread; never blocks; wakes the loop. Dropped once the loop is disposed.</summary>
    public void Post(Action work) => throw new NotImplementedException();

    /// <summary>Makes <see cref="Run"/> return after the current turn. From any thread, idempotent.</summary>
    public void Stop() => throw new NotImplementedException();

    /// <summary>True after <see cref="Stop"/>.</summary>
    public bool IsStopping => throw new NotImplementedException();

    /// <summary>Turns until <see cref="Stop"/>. The calling thread becomes the loop's. Exceptions of handlers end the loop and reach the caller.</summary>
    public void Run(ILoopClient client) => throw new NotImplementedException();

    /// <summary>One turn without a client: waits until the deadline at most, serves what is ready and the inbox.</summary>
    /// <param name="deadlineMilliseconds">In milliseconds of <see cref="MonotonicClock"/>; <see cref="long.MaxValue"/>: no deadline; the past: does not wait.</param>
    /// <returns>How many descriptors and posted actions were served.</returns>
    public int RunOnce(long deadlineMilliseconds) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
