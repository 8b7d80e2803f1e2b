using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>Users and groups of the machine.</summary>
public static class UserDatabase
{
    /// <summary>The effective user of this process.</summary>
    public static uint EffectiveUser => LibC.geteuid();

    /// <summary>Finds a group by its name.</summary>
    public static unsafe bool TryFindGroup(string name, out uint id)
    {
        var entry = Native.getgrnam(name);
        id = entry == null ? 0 : entry->gr_gid;
        return entry != null;
    }
}
