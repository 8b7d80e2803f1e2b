using L2tpd.Linux;
using L2tpd.Runtime.Logging;

namespace L2tpd.Operations.Tracing;

/// <summary>
/// One trace: a bounded queue between the loop, which never waits, and the task that serves the client. What does not fit, and what is over
/// the rate, is counted.
/// </summary>
public sealed class TraceReader : IAsyncDisposable
{
    /// <summary>Messages and frames that may wait for the client.</summary>
    public const int Capacity = 1_024;

    /// <summary>Messages and frames per second that are copied, after a burst of <see cref="Capacity"/>.</summary>
    public const int PerSecond = 1_000;

    private readonly TraceHub _hub;
    private readonly LineBudget _budget = new(Capacity, PerSecond);
    private readonly Lock _lock = new();
    private readonly Queue<TraceRecord> _queue = new();
    private readonly SemaphoreSlim _filled = new(0, 1);
    private long _missed;
    private bool _isClosed;

    internal TraceReader(TraceHub hub, TraceFilter filter, TraceRequest request) => (_hub, Filter, Request) = (hub, filter, request);

    /// <summary>What to trace.</summary>
    public TraceRequest Request { get; }

    /// <summary>Messages and frames that were left out.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    internal TraceFilter Filter { get; }

    /// <summary>Leaves the loop.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
            _isClosed = true;
        await _hub.CloseAsync(this).ConfigureAwait(false);
        _filled.Dispose();
    }

    /// <summary>Whether the next one is to be copied; otherwise it is counted. Loop thread.</summary>
    internal bool TryReserve()
    {
        lock (_lock)
        {
            if (!_isClosed && _queue.Count < Capacity && _budget.TryTake(MonotonicClock.NowMilliseconds, out _))
                return true;
        }

        Interlocked.Increment(ref _missed);
        return false;
    }

    /// <summary>Loop thread, after <see cref="TryReserve"/>.</summary>
    internal void Add(TraceRecord record)
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            _queue.Enqueue(record);
            if (_filled.CurrentCount == 0)
                _filled.Release();
        }
    }

    /// <summary>The next one; <c>null</c> if there was none for <paramref name="wait"/>.</summary>
    internal async Task<TraceRecord?> ReadAsync(TimeSpan wait, CancellationToken cancellation)
    {
        if (TryRead() is { } waiting)
            return waiting;
        // The signal may be of a record that was read without waiting.
        while (await _filled.WaitAsync(wait, cancellation).ConfigureAwait(false))
        {
            if (TryRead() is { } record)
                return record;
        }

        return null;
    }

    /// <summary>Whether <see cref="ReadAsync"/> has something to return at once.</summary>
    internal bool HasMore
    {
        get
        {
            lock (_lock)
                return _queue.Count > 0;
        }
    }

    private TraceRecord? TryRead()
    {
        lock (_lock)
            return _queue.TryDequeue(out var record) ? record : null;
    }
}
