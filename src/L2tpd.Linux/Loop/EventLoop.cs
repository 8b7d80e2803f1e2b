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

    private readonly FileDescriptor epoll;
    private readonly LoopTimer timer;
    private readonly LoopInbox inbox;
    private readonly RegistrationTable registrations = new();
    private readonly byte[] events = new byte[MaximumEvents * 16];
    private volatile bool isStopping;
    private volatile bool isDisposed;
    private int ownerThread;

    /// <summary>Makes the epoll set, its timer and its eventfd.</summary>
    /// <exception cref="LinuxException">EMFILE.</exception>
    public EventLoop()
    {
        var number = LibC.epoll_create1(LibC.EPOLL_CLOEXEC);
        if (number < 0)
            throw new LinuxException(LibC.errno, "epoll_create1", "");
        epoll = new FileDescriptor(number);
        timer = new LoopTimer();
        inbox = new LoopInbox();
        Control(LibC.EPOLL_CTL_ADD, timer.Descriptor, Readiness.Readable, TimerToken);
        Control(LibC.EPOLL_CTL_ADD, inbox.Descriptor, Readiness.Readable, InboxToken);
    }

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    public bool IsStopping => isStopping;

    /// <summary>
    /// Watches a descriptor until the registration is disposed. Dispose it before you close the descriptor. An event that was already
    /// fetched is not delivered to a registration that was disposed in the same turn.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refuses the descriptor.</exception>
    public LoopRegistration Register(FileDescriptor descriptor, Readiness interest, IReadinessHandler handler)
    {
        CheckThread();
        var slot = registrations.TakeSlot();
        try
        {
            Control(LibC.EPOLL_CTL_ADD, descriptor, interest, registrations.Token(slot));
        }
        catch (LinuxException)
        {
            registrations.Release(slot);
            throw;
        }
        var registration = new LoopRegistration(this, slot, descriptor, interest, handler);
        registrations.Set(registration);
        return registration;
    }

    /// <summary>
    /// Runs <paramref name="work"/> on the loop's thread, in the order of the calls, and wakes the loop. From any thread; never blocks.
    /// Work for a disposed loop is dropped.
    /// </summary>
    public void Post(Action work)
    {
        if (!isDisposed)
            inbox.Post(work);
    }

    /// <summary>Makes <see cref="Run"/> return after the current turn. From any thread; idempotent.</summary>
    public void Stop()
    {
        isStopping = true;
        inbox.Wake();
    }

    /// <summary>
    /// Runs turns until <see cref="Stop"/>. The calling thread becomes the loop's. An exception of a handler ends the loop and reaches the
    /// caller.
    /// </summary>
    public void Run(ILoopClient client)
    {
        TakeThread();
        while (!isStopping)
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
                timer.FireBy(deadlineMilliseconds);
            var served = Dispatch(Wait(isDue || isStopping || !inbox.IsEmpty ? 0 : -1));
            served += inbox.Serve();
            if (served > 0 || isDue || isStopping)
                return served;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        isDisposed = true;
        inbox.Dispose();
        timer.Dispose();
        epoll.Dispose();
    }

    internal void Modify(LoopRegistration registration, Readiness interest)
    {
        CheckThread();
        Control(LibC.EPOLL_CTL_MOD, registration.Descriptor, interest, registrations.Token(registration.Slot));
    }

    internal void Remove(LoopRegistration registration)
    {
        CheckThread();
        registrations.Release(registration.Slot);
        // A closed epoll set or descriptor has no registrations any more.
        if (!isDisposed && !registration.Descriptor.IsClosed)
            Control(LibC.EPOLL_CTL_DEL, registration.Descriptor, Readiness.None, 0);
    }

    private unsafe int Wait(int timeout)
    {
        fixed (byte* buffer = events)
        {
            var count = Native.epoll_wait(epoll, buffer, MaximumEvents, timeout);
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
            var entry = events.AsSpan(i * EventSize, EventSize);
            var token = MemoryMarshal.Read<ulong>(entry[TokenOffset..]);
            if (token == TimerToken)
                timer.Acknowledge();
            else if (token == InboxToken)
                inbox.Acknowledge();
            else if (registrations.Find(token) is { } registration)
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
        if (Native.epoll_ctl(epoll, operation, descriptor, entry) < 0)
            throw new LinuxException(LibC.errno, "epoll_ctl", $"descriptor {descriptor.Number}");
    }

    private void TakeThread()
    {
        if (ownerThread == 0)
            ownerThread = Environment.CurrentManagedThreadId;
    }

    [Conditional("DEBUG")]
    private void CheckThread() =>
        Debug.Assert(ownerThread == 0 || ownerThread == Environment.CurrentManagedThreadId, "The event loop was used from another thread.");
}
