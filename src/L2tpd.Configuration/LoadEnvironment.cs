namespace L2tpd.Configuration;

/// <summary>What the configuration takes from the machine rather than from its files.</summary>
/// <param name="HostName">The machine's name, used where <c>host-name</c> is not set.</param>
/// <param name="CredentialsDirectory">systemd's $CREDENTIALS_DIRECTORY; null: there is none.</param>
/// <param name="MachineId">What is in /etc/machine-id; null: the machine has none.</param>
/// <param name="RunningDataPlane">
/// The data plane that a reload finds running and cannot change: the file is checked for that one, whatever it says itself. Null: nothing
/// runs yet.
/// </param>
public sealed record LoadEnvironment(string HostName, string? CredentialsDirectory, string? MachineId = null,
    DataPlaneChoice? RunningDataPlane = null)
{
    /// <summary>The file is only checked, perhaps in a shell: what systemd alone provides is not missed.</summary>
    public bool IsCheck { get; init; }

    /// <summary>Tells whether the machine has a group of this name; null: it is not asked.</summary>
    public Func<string, bool>? HasGroup { get; init; }

    /// <summary>
    /// Why the pppd at a path cannot carry sessions on a data plane of this machine; null: it can. Asked where neither <c>backend</c> nor
    /// another key of a PPP profile decides.
    /// </summary>
    public Func<DataPlaneChoice, string, string?> PppdObstacle { get; init; } = static (_, _) => null;
}
