using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Host;

/// <summary>Limits of the process.</summary>
public static class Resources
{
    /// <summary>RLIMIT_NOFILE.</summary>
    public static unsafe (ulong Soft, ulong Hard) OpenFileLimit
    {
        get
        {
            LibC.rlimit limit;
            return LibC.getrlimit(LibC.RLIMIT_NOFILE, &limit) < 0
                ? throw new LinuxException(LibC.LastErrno, "getrlimit", "RLIMIT_NOFILE")
                : (limit.rlim_cur, limit.rlim_max);
        }
    }

    /// <summary>How many descriptors are open now (/proc/self/fd).</summary>
    public static int OpenFiles => Directory.GetFileSystemEntries("/proc/self/fd").Length - 1;

    /// <summary>Sets the soft limit to min(wanted, hard).</summary>
    /// <returns>The soft limit now.</returns>
    public static unsafe ulong SetOpenFileLimit(ulong wanted)
    {
        var (_, hard) = OpenFileLimit;
        var limit = new LibC.rlimit { rlim_cur = Math.Min(wanted, hard), rlim_max = hard };
        return LibC.setrlimit(LibC.RLIMIT_NOFILE, &limit) < 0
            ? throw new LinuxException(LibC.LastErrno, "setrlimit", "RLIMIT_NOFILE")
            : limit.rlim_cur;
    }
}
