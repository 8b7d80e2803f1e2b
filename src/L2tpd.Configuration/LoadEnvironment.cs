namespace L2tpd.Configuration;

/// <summary>The values that a configuration takes from the machine instead of its files.</summary>
/// <param name="HostName">The machine's name, used if <c>host-name</c> is not set.</param>
/// <param name="CredentialsDirectory">$CREDENTIALS_DIRECTORY of systemd; <c>null</c> if it is not set.</param>
/// <param name="MachineId">The content of /etc/machine-id; <c>null</c> if the machine has none.</param>
/// <param name="RunningDataPlane">The running data plane, which a reload cannot change: the file is checked for it, whatever
/// <c>data-plane</c> says. <c>null</c> if none is running.</param>
public sealed record LoadEnvironment(string HostName, string? CredentialsDirectory, string? MachineId = null,
    DataPlaneChoice? RunningDataPlane = null)
{
    /// <summary>Whether the file is only checked, perhaps in a shell: credentials of systemd are then not required.</summary>
    public bool IsCheck { get; init; }

    /// <summary>The name of this daemon among several on the machine; <c>null</c> for the only one. Default paths depend on it.</summary>
    public string? Instance { get; init; }

    /// <summary>Whether the machine has a group with this name; <c>null</c> if groups are not checked.</summary>
    public Func<string, bool>? HasGroup { get; init; }

    /// <summary>
    /// Why the pppd at a path cannot carry sessions on a data plane of this machine; <c>null</c> if it can. Called if neither
    /// <c>backend</c> nor another key of a PPP profile decides.
    /// </summary>
    public Func<DataPlaneChoice, string, string?> PppdObstacle { get; init; } = static (_, _) => null;
}
