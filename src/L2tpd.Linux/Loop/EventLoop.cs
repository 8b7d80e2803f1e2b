using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Loop;

/// <summary>
/// An epoll set that one thread owns: descriptors with handlers, a deadline in exact milliseconds, and an inbox for results of other
/// threads. Everything except <see cref="Post"/> and <see cref="Stop"/> belongs to the thread that runs the loop (checked in debug builds).
/// </summary>
public sealed class EventLoop : IDisposable
{
    private const int MaximumEvents = 256;
    private const ulong TimerToken = ulong.MaxValue;
    private const ulong InboxToken = ulong.MaxValue - 1;

    // struct epoll_event is packed on x86-64 only. Tmds.LibC packs it on every architecture.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int TokenOffset = EventSize - 8;

    private readonly FileDescriptor _epoll;
    private readonly LoopTimer _timer;
    private readonly LoopInbox _inbox;
    private readonly RegistrationTable _registrations = new();
    private readonly byte[] _events = new byte[MaximumEvents * 16];
    private volatile bool _isStopping;
    private volatile bool _isDisposed;
    private int _ownerThread;

    /// <summary>Makes the epoll set, its timer and its eventfd.</summary>
    /// <exception cref="LinuxException">EMFILE.</exception>
    public EventLoop()
    {
        var number = LibC.epoll_create1(LibC.EPOLL_CLOEXEC);
        if (number < 0)
            throw new LinuxException(LibC.errno, "epoll_create1", "");
        _epoll = new FileDescriptor(number);
        _timer = new LoopTimer();
        _inbox = new LoopInbox();
        Control(LibC.EPOLL_CTL_ADD, _timer.Descriptor, Readiness.Readable, TimerToken);
        Control(LibC.EPOLL_CTL_ADD, _inbox.Descriptor, Readiness.Readable, InboxToken);
    }

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>
    /// Watches a descriptor until the registration is disposed. Dispose it before you close the descriptor. An event that was already
    /// fetched is not delivered to a registration that was disposed in the same turn.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refuses the descriptor.</exception>
    public LoopRegistration Register(FileDescriptor descriptor, Readiness interest, IReadinessHandler handler)
    {
        CheckThread();
        var slot = _registrations.TakeSlot();
        try
        {
            Control(LibC.EPOLL_CTL_ADD, descriptor, interest, _registrations.Token(slot));
        }
        catch (LinuxException)
        {
            _registrations.Release(slot);
            throw;
        }

        var registration = new LoopRegistration(this, slot, descriptor, interest, handler);
        _registrations.Set(registration);
        return registration;
    }

    /// <summary>
    /// Runs <paramref name="work"/> on the loop's thread, in the order of the calls, and wakes the loop. From any thread; never blocks.
    /// Work for a disposed loop is dropped.
    /// </summary>
    public void Post(Action work)
    {
        if (!_isDisposed)
            _inbox.Post(work);
    }

    /// <summary>When the turn at hand began, after the wait: a time of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long TurnStartedAt { get; private set; }

    /// <summary>Makes <see cref="Run"/> return after the current turn. From any thread; idempotent.</summary>
    public void Stop()
    {
        _isStopping = true;
        _inbox.Wake();
    }

    /// <summary>
    /// Runs turns until <see cref="Stop"/>. The calling thread becomes the loop's. An exception of a handler ends the loop and reaches the
    /// caller.
    /// </summary>
    public void Run(ILoopClient client)
    {
        TakeThread();
        while (!_isStopping)
        {
            var deadline = client.NextDeadline;
            var served = RunOnce(deadline);
            var now = MonotonicClock.NowMilliseconds;
            if (served > 0 || now >= deadline)
                client.OnTurn(now);
        }
    }

    /// <summary>One turn without a client: waits until the deadline at most, then serves the ready descriptors and the inbox.</summary>
    /// <param name="deadlineMilliseconds">
    /// In milliseconds of <see cref="MonotonicClock"/>. <see cref="long.MaxValue"/>: no deadline. A time in the past: do not wait.
    /// </param>
    /// <returns>Number of descriptors and posted actions that were served.</returns>
    public int RunOnce(long deadlineMilliseconds)
    {
        TakeThread();
        CheckThread();
        while (true)
        {
            var isDue = MonotonicClock.NowMilliseconds >= deadlineMilliseconds;
            if (!isDue && deadlineMilliseconds != long.MaxValue)
                _timer.FireBy(deadlineMilliseconds);
            var ready = Wait(isDue || _isStopping || !_inbox.IsEmpty ? 0 : -1);
            TurnStartedAt = Stopwatch.GetTimestamp();
            var served = Dispatch(ready);
            served += _inbox.Serve();
            if (served > 0 || isDue || _isStopping)
                return served;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _inbox.Dispose();
        _timer.Dispose();
        _epoll.Dispose();
    }

    internal void Modify(LoopRegistration registration, Readiness interest)
    {
        CheckThread();
        Control(LibC.EPOLL_CTL_MOD, registration.Descriptor, interest, _registrations.Token(registration.Slot));
    }

    internal void Remove(LoopRegistration registration)
    {
        CheckThread();
        _registrations.Release(registration.Slot);
        // A closed epoll set or descriptor has no registrations any more.
        if (!_isDisposed && !registration.Descriptor.IsClosed)
            Control(LibC.EPOLL_CTL_DEL, registration.Descriptor, Readiness.None, 0);
    }

    private unsafe int Wait(int timeout)
    {
        fixed (byte* buffer = _events)
        {
            var count = Native.epoll_wait(_epoll, buffer, MaximumEvents, timeout);
            if (count >= 0)
                return count;
            if (LibC.errno == Errno.EINTR)
                return 0;
            throw new LinuxException(LibC.errno, "epoll_wait", "");
        }
    }

    private int Dispatch(int count)
    {
        var served = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = _events.AsSpan(i * EventSize, EventSize);
            var token = MemoryMarshal.Read<ulong>(entry[TokenOffset..]);
            if (token == TimerToken)
            {
                _timer.Acknowledge();
            }
            else if (token == InboxToken)
            {
                _inbox.Acknowledge();
            }
            else if (_registrations.Find(token) is { } registration)
            {
                registration.Handler.OnReady((Readiness)MemoryMarshal.Read<int>(entry));
                served++;
            }
        }

        return served;
    }

    private unsafe void Control(int operation, FileDescriptor descriptor, Readiness interest, ulong token)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = (uint)interest;
        Unsafe.WriteUnaligned(entry + TokenOffset, token);
        if (Native.epoll_ctl(_epoll, operation, descriptor, entry) < 0)
            throw new LinuxException(LibC.errno, "epoll_ctl", $"descriptor {descriptor.Number}");
    }

    private void TakeThread()
    {
        if (_ownerThread == 0)
            _ownerThread = Environment.CurrentManagedThreadId;
    }

    [Conditional("DEBUG")]
    private void CheckThread()
    {
        var isOwner = _ownerThread == 0 || _ownerThread == Environment.CurrentManagedThreadId;
        Debug.Assert(isOwner, "The event loop was used from another thread.");
    }
}
