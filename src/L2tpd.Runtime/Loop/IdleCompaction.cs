using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace L2tpd.Runtime.Loop;

/// <summary>
/// Gives memory back after a storm. While thousands of sessions come up the garbage collector keeps room for what they leave behind, and
/// left alone it keeps that room: once the daemon is quiet again, the heap is compacted, once for each storm. Loop thread only; the pause
/// is that of one collection of the live sessions (docs/performance.md).
/// </summary>
public sealed partial class IdleCompaction(LoopTimers timers, IHeap heap, ILogger log)
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Octets allocated since the last compaction that are worth another one.</summary>
    public const long Storm = 32 << 20;

    /// <summary>Octets allocated in one interval up to which the daemon counts as quiet.</summary>
    public const long Quiet = 1 << 20;

    private long _compactedAt;
    private long _lastSeen;

    /// <summary>Starts looking.</summary>
    public void Start() => timers.After(Interval, Look);

    private void Look()
    {
        Start();
        var allocated = heap.Allocated;
        var isQuiet = allocated - _lastSeen <= Quiet;
        _lastSeen = allocated;
        if (!isQuiet || allocated - _compactedAt < Storm)
            return;
        var watch = Stopwatch.GetTimestamp();
        heap.Compact();
        _compactedAt = _lastSeen = heap.Allocated;
        LogCompacted((long)Stopwatch.GetElapsedTime(watch).TotalMilliseconds);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Quiet again: memory given back to the system in {Milliseconds} ms")]
    private partial void LogCompacted(long milliseconds);
}

/// <summary>The process's heap.</summary>
public interface IHeap
{
    /// <summary>Octets allocated by all threads since the start.</summary>
    long Allocated { get; }

    /// <summary>Collects and compacts everything and returns free memory to the system. Blocks.</summary>
    void Compact();
}

/// <summary>The garbage collector's.</summary>
public sealed class ManagedHeap : IHeap
{
    /// <inheritdoc/>
    public long Allocated => GC.GetTotalAllocatedBytes();

    /// <inheritdoc/>
    public void Compact() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
