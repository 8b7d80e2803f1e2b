namespace L2tpd.Linux.Loop;

/// <summary>One watched descriptor of an <see cref="EventLoop"/>.</summary>
public sealed class LoopRegistration : IDisposable
{
    private readonly EventLoop _loop;
    private bool _isDisposed;

    internal LoopRegistration(EventLoop loop, int slot, FileDescriptor descriptor, Readiness interest, IReadinessHandler handler) =>
        (_loop, Slot, Descriptor, Interest, Handler) = (loop, slot, descriptor, interest, handler);

    /// <summary>What is watched now. <see cref="Readiness.Error"/> and <see cref="Readiness.HangUp"/> always are.</summary>
    public Readiness Interest { get; private set; }

    internal int Slot { get; }

    internal FileDescriptor Descriptor { get; }

    internal IReadinessHandler Handler { get; }

    /// <summary>Changes what is watched. No system call if nothing changes.</summary>
    public void Watch(Readiness interest)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (interest == Interest)
            return;
        _loop.Modify(this, interest);
        Interest = interest;
    }

    /// <summary>Stops watching. Idempotent.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _loop.Remove(this);
    }
}
