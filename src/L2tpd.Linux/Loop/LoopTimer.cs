using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Loop;

/// <summary>
/// A timerfd at an absolute time of <see cref="MonotonicClock"/>. It fires on the millisecond, also after a suspend; a timeout of
/// epoll_wait does not. It is only set earlier: a deadline that moves later costs no system call but one unneeded wake-up.
/// </summary>
internal sealed class LoopTimer : IDisposable
{
    private long _armed = long.MaxValue;

    public LoopTimer()
    {
        var number = Native.timerfd_create(Native.CLOCK_BOOTTIME, LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (number < 0)
            throw new LinuxException(LibC.errno, "timerfd_create", "CLOCK_BOOTTIME");
        Descriptor = new FileDescriptor(number);
    }

    public FileDescriptor Descriptor { get; }

    /// <summary>Makes the timer fire at this time or before.</summary>
    public unsafe void FireBy(long milliseconds)
    {
        if (_armed <= milliseconds)
            return;
        Native.itimerspec time = default;
        time.it_value.tv_sec = milliseconds / 1000;
        time.it_value.tv_nsec = (int)(milliseconds % 1000) * 1_000_000;
        if (Native.timerfd_settime(Descriptor, Native.TFD_TIMER_ABSTIME, &time, null) < 0)
            throw new LinuxException(LibC.errno, "timerfd_settime", "");
        _armed = milliseconds;
    }

    /// <summary>Call when the timer has fired.</summary>
    public void Acknowledge()
    {
        Span<byte> count = stackalloc byte[8];
        _ = Descriptor.Read(count);
        _armed = long.MaxValue;
    }

    public void Dispose() => Descriptor.Dispose();
}
