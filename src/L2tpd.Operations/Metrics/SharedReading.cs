using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Metrics;

/// <summary>
/// One reading of the registry for all who ask within a second: clients that ask more often cost the loop nothing. Thread-safe.
/// </summary>
/// <param name="read">Reads the registry.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedReading(Func<CancellationToken, Task<IReadOnlyList<CounterReading>>> read, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    /// <summary>The daemon is stuck or ends if its loop takes longer.</summary>
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<CounterReading>>? _reading;
    private long _startedAt;

    /// <summary>The latest reading, which began a second ago at most.</summary>
    /// <exception cref="OperationCanceledException">The client left, or the loop did not answer in time.</exception>
    public Task<IReadOnlyList<CounterReading>> ReadAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_reading is not { IsCompleted: false } && (_reading is not { IsCompletedSuccessfully: true }
                || time.GetElapsedTime(_startedAt) >= Lifetime))
            {
                _startedAt = time.GetTimestamp();
                _reading = ReadOnceAsync();
            }

            return _reading!.WaitAsync(cancellation);
        }
    }

    private async Task<IReadOnlyList<CounterReading>> ReadOnceAsync()
    {
        using var limit = new CancellationTokenSource(LongestRead, time);
        return await read(limit.Token).ConfigureAwait(false);
    }
}
