using System.Collections.Concurrent;
using Tmds.Linux;

namespace L2tpd.Linux.Loop;

/// <summary>Where other threads leave work for the loop, with the eventfd that wakes it.</summary>
internal sealed class LoopInbox : IDisposable
{
    private readonly ConcurrentQueue<Action> queue = new();
    private int isWakeUpDue;

    public LoopInbox()
    {
        var number = LibC.eventfd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);
        if (number < 0)
            throw new LinuxException(LibC.errno, "eventfd", "");
        Descriptor = new FileDescriptor(number);
    }

    public FileDescriptor Descriptor { get; }

    public bool IsEmpty => queue.IsEmpty;

    public void Post(Action work)
    {
        queue.Enqueue(work);
        Wake();
    }

    /// <summary>Wakes the loop; one write does until the loop has seen it.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref isWakeUpDue, 1) != 0)
            return;
        try
        {
            _ = Descriptor.Write(BitConverter.GetBytes(1UL));
        }
        catch (ObjectDisposedException)
        {
            // The loop is gone: work for it is dropped, as EventLoop.Post tells.
        }
    }

    /// <summary>The loop is awake. Before the queue is read, so that work posted from now on wakes it again.</summary>
    public void Acknowledge()
    {
        Span<byte> count = stackalloc byte[8];
        _ = Descriptor.Read(count);
        Interlocked.Exchange(ref isWakeUpDue, 0);
    }

    /// <summary>Runs what was there at the start: work that posts work cannot keep the loop from its sockets.</summary>
    public int Serve()
    {
        var count = queue.Count;
        for (var i = 0; i < count && queue.TryDequeue(out var work); i++)
            work();
        return count;
    }

    public void Dispose() => Descriptor.Dispose();
}
