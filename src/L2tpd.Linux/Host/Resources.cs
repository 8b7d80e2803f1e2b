namespace L2tpd.Linux.Host;

/// <summary>Limits of the process.</summary>
public static class Resources
{
    /// <summary>RLIMIT_NOFILE.</summary>
    public static (ulong Soft, ulong Hard) OpenFileLimit => throw new NotImplementedException();

    /// <summary>Sets the soft limit to min(wanted, hard).</summary>
    /// <returns>The soft limit now.</returns>
    public static ulong SetOpenFileLimit(ulong wanted) => throw new NotImplementedException();

    /// <summary>How many descriptors are open now (/proc/self/fd).</summary>
    public static int OpenFiles => throw new NotImplementedException();
}
