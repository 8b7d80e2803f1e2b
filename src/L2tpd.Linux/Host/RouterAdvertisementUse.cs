namespace L2tpd.Linux.Host;

/// <summary>What the system does with router advertisements that come by an interface (accept_ra of ip-sysctl).</summary>
public static class RouterAdvertisementUse
{
    private const string Ignored = "0";

    // Also where the host forwards packets itself.
    private const string Accepted = "2";

    /// <summary>Lets the system take addresses and a default route from the router at the other end, or ignore them.</summary>
    /// <param name="interface">Name of the interface.</param>
    /// <param name="accept">Whether the router is believed.</param>
    /// <returns>ENOENT: no such interface, or no IPv6; EACCES: /proc/sys is read-only.</returns>
    public static LinuxError Set(string @interface, bool accept)
    {
        var path = $"/proc/sys/net/ipv6/conf/{@interface}/accept_ra";
        try
        {
            File.WriteAllText(path, accept ? Accepted : Ignored);
            return LinuxError.None;
        }
        catch (UnauthorizedAccessException)
        {
            return new LinuxError(Errno.EACCES, "write", path);
        }
        catch (IOException)
        {
            return new LinuxError(Errno.ENOENT, "write", path);
        }
    }
}
