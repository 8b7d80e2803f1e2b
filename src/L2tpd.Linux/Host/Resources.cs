using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>Limits of the process.</summary>
public static class Resources
{
    /// <summary>The limit on open descriptors (RLIMIT_NOFILE).</summary>
    public static unsafe (ulong Soft, ulong Hard) OpenFileLimit
    {
        get
        {
            Native.rlimit limit;
            return Native.getrlimit(Native.RLIMIT_NOFILE, &limit) < 0
                ? throw new LinuxException(LibC.errno, "getrlimit", "RLIMIT_NOFILE")
                : (limit.rlim_cur, limit.rlim_max);
        }
    }

    /// <summary>Number of open descriptors (/proc/self/fd).</summary>
    public static int OpenFiles => Directory.GetFileSystemEntries("/proc/self/fd").Length - 1;

    /// <summary>Sets the soft limit to <paramref name="wanted"/> or the hard limit, whichever is lower.</summary>
    /// <returns>The new soft limit.</returns>
    public static unsafe ulong SetOpenFileLimit(ulong wanted)
    {
        var (_, hard) = OpenFileLimit;
        var limit = new Native.rlimit { rlim_cur = Math.Min(wanted, hard), rlim_max = hard };
        return Native.setrlimit(Native.RLIMIT_NOFILE, &limit) < 0
            ? throw new LinuxException(LibC.errno, "setrlimit", "RLIMIT_NOFILE")
            : limit.rlim_cur;
    }
}
