using System.Collections.Concurrent;
using Tmds.Linux;

namespace L2tpd.Linux.Loop;

/// <summary>Work from other threads for the loop, and the eventfd that wakes it.</summary>
internal sealed class LoopInbox : IDisposable
{
    private readonly ConcurrentQueue<Action> _queue = new();
    private int _isWakeUpDue;

    public LoopInbox()
    {
        var number = LibC.eventfd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);
        if (number < 0)
            throw new LinuxException(LibC.errno, "eventfd", "");
        Descriptor = new FileDescriptor(number);
    }

    public FileDescriptor Descriptor { get; }

    public bool IsEmpty => _queue.IsEmpty;

    public void Post(Action work)
    {
        _queue.Enqueue(work);
        Wake();
    }

    /// <summary>Wakes the loop. One write is enough until the loop has read it.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWakeUpDue, 1) != 0)
            return;
        try
        {
            _ = Descriptor.Write(BitConverter.GetBytes(1UL));
        }
        catch (ObjectDisposedException)
        {
            // The loop was disposed: its work is dropped, as EventLoop.Post documents.
        }
    }

    /// <summary>Call when the loop is awake and before the queue is read, so that work posted from now on wakes it again.</summary>
    public void Acknowledge()
    {
        Span<byte> count = stackalloc byte[8];
        _ = Descriptor.Read(count);
        Interlocked.Exchange(ref _isWakeUpDue, 0);
    }

    /// <summary>Runs the work that is queued now: work that posts work cannot keep the loop from its sockets.</summary>
    public int Serve()
    {
        var count = _queue.Count;
        for (var i = 0; i < count && _queue.TryDequeue(out var work); i++)
            work();
        return count;
    }

    public void Dispose() => Descriptor.Dispose();
}
