using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace L2tpd.Runtime.Loop;

/// <summary>
/// Returns memory to the system after a peak. While thousands of sessions come up, the garbage collector reserves memory for their garbage,
/// and without this class it would keep that memory. When the daemon is quiet again, the heap is compacted, once per peak. Loop thread
/// only; the pause is that of one collection of the live sessions (docs/performance.md).
/// </summary>
public sealed partial class IdleCompaction(LoopTimers timers, IHeap heap, ILogger log)
{
    /// <summary>Time between two checks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>A compaction is made only if more octets than this were allocated since the last one.</summary>
    public const long Storm = 32 << 20;

    /// <summary>The daemon is quiet if it allocated at most this many octets in one interval.</summary>
    public const long Quiet = 1 << 20;

    private long _compactedAt;
    private long _lastSeen;

    /// <summary>Starts the checks.</summary>
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

    [LoggerMessage(Level = LogLevel.Debug, Message = "Compacted the heap and returned free memory to the system in {Milliseconds} ms")]
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

/// <summary>The heap of the garbage collector.</summary>
public sealed class ManagedHeap : IHeap
{
    /// <inheritdoc/>
    public long Allocated => GC.GetTotalAllocatedBytes();

    /// <inheritdoc/>
    public void Compact() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
