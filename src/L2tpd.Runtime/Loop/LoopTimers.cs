using L2tpd.Linux;

namespace L2tpd.Runtime.Loop;

/// <summary>Timers of the daemon itself; the engine has its own deadline. Loop thread only.</summary>
/// <param name="clock">Returns milliseconds; <c>null</c> for <see cref="MonotonicClock"/>.</param>
public sealed class LoopTimers(Func<long>? clock = null)
{
    private readonly PriorityQueue<LoopTimer, long> _queue = new();

    /// <summary>The current time, milliseconds.</summary>
    public long Now => clock?.Invoke() ?? MonotonicClock.NowMilliseconds;

    /// <summary>When the next timer is due, ms of <see cref="MonotonicClock"/>; <see cref="long.MaxValue"/> if there is none.</summary>
    public long Next => _queue.TryPeek(out _, out var due) ? due : long.MaxValue;

    /// <summary>Runs <paramref name="work"/> once, after <paramref name="delay"/>.</summary>
    public LoopTimer After(TimeSpan delay, Action work)
    {
        var timer = new LoopTimer(work);
        _queue.Enqueue(timer, Now + (long)delay.TotalMilliseconds);
        return timer;
    }

    /// <summary>Removes one timer that is due at <paramref name="now"/> and returns it; <c>null</c> if none is due.</summary>
    public LoopTimer? TakeDue(long now)
    {
        while (_queue.TryPeek(out var timer, out var due) && due <= now)
        {
            _queue.Dequeue();
            if (!timer.IsCancelled)
                return timer;
        }

        return null;
    }
}

/// <summary>One waiting timer.</summary>
public sealed class LoopTimer(Action work)
{
    private Action? _work = work;

    public bool IsCancelled => _work is null;

    /// <summary>Cancels the timer. Idempotent; has no effect after the timer ran.</summary>
    public void Cancel() => _work = null;

    /// <summary>Runs the timer's work, once.</summary>
    public void Run()
    {
        var work = _work;
        _work = null;
        work?.Invoke();
    }
}
