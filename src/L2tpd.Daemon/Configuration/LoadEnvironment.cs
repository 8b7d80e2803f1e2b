using System.Text;
using L2tpd.Daemon.Configuration.Sections;
using L2tpd.Daemon.Control;
using L2tpd.Daemon.DataPlanes;
using L2tpd.Linux.Host;

namespace L2tpd.Daemon.Configuration;

/// <summary>What the configuration takes from the machine rather than from its files.</summary>
/// <param name="HostName">The machine's name, used where <c>host-name</c> is not set.</param>
/// <param name="CredentialsDirectory">systemd's $CREDENTIALS_DIRECTORY; null: there is none.</param>
/// <param name="MachineId">What is in /etc/machine-id; null: the machine has none.</param>
/// <param name="RunningDataPlane">
/// The data plane that a reload finds running and cannot change: the file is checked for that one, whatever it says itself. Null: nothing runs yet.
/// </param>
public sealed record LoadEnvironment(string HostName, string? CredentialsDirectory, string? MachineId = null, DataPlaneChoice? RunningDataPlane = null)
{
    /// <summary>The file is only checked, perhaps in a shell: what systemd alone provides is not missed.</summary>
    public bool IsCheck { get; init; }

    /// <summary>Tells whether the machine has a group of this name; null: it is not asked.</summary>
    public Func<string, bool>? HasGroup { get; init; }

    /// <summary>
    /// Why the pppd at a path cannot carry sessions on a data plane of this machine; null: it can. Asked where neither <c>backend</c> nor another key of a PPP profile decides.
    /// </summary>
    public Func<DataPlaneChoice, string, string?> PppdObstacle { get; init; } = static (_, _) => null;

    private const string MachineIdFile = "/etc/machine-id";
    private const int MachineIdDigits = 32;

    /// <summary>This process's.</summary>
    public static LoadEnvironment OfProcess() =>
        new(Environment.MachineName, Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"), ReadMachineId())
        {
            HasGroup = ControlSocketFile.HasGroup,
            PppdObstacle = ObstacleOnThisMachine,
        };

    private static string? ObstacleOnThisMachine(DataPlaneChoice dataPlane, string program) =>
        dataPlane == DataPlaneChoice.Null ? null
        : dataPlane != DataPlaneChoice.Kernel && DataPlaneChooser.Decide(dataPlane, KernelCapabilities.Probe, out _)?.Choice != DataPlaneChoice.Kernel
            ? "the data plane is not the kernel's, which pppd needs"
        : !File.Exists(program) ? $"there is no {program}"
        : null;

    // Empty in container images, and "uninitialized" during the first boot: neither names a machine.
    private static string? ReadMachineId()
    {
        if (FileText.TryRead(MachineIdFile, 256, out var octets) is not null)
            return null;
        var text = Encoding.ASCII.GetString(octets).Trim();
        return text.Length == MachineIdDigits && text.All(char.IsAsciiHexDigit) ? text : null;
    }
}
