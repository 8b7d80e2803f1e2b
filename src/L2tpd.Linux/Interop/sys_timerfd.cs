using System.Runtime.InteropServices;
using Tmds.Linux;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    // TFD_NONBLOCK and TFD_CLOEXEC are O_NONBLOCK and O_CLOEXEC.
    public const int TFD_TIMER_ABSTIME = 1;

    /// <summary>struct itimerspec.</summary>
    public struct itimerspec
    {
        public timespec it_interval;
        public timespec it_value;
    }

    // int timerfd_create(int clockid, int flags);
    [LibraryImport(Library, SetLastError = true)]
    public static partial int timerfd_create(int clockid, int flags);

    // int timerfd_settime(int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old_value);
    [LibraryImport(Library, SetLastError = true)]
    public static partial int timerfd_settime(FileDescriptor fd, int flags, itimerspec* new_value, itimerspec* old_value);
}
