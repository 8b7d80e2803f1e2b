using System.Text;
using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Linux.Host;
using L2tpd.Operations.Control;

namespace L2tpd.Daemon.Hosting;

/// <summary>The properties of this machine that a configuration depends on. The room Configuration itself asks no kernel.</summary>
internal static class MachineEnvironment
{
    private const string MachineIdFile = "/etc/machine-id";
    private const int MachineIdDigits = 32;

    /// <summary>The environment of this process.</summary>
    /// <param name="instance">The name of this daemon among several on the machine; <c>null</c> for the only one.</param>
    public static LoadEnvironment OfProcess(string? instance = null)
    {
        // A probe opens sockets and devices: one for all PPP profiles that ask.
        var kernel = new Lazy<KernelCapabilities>(KernelCapabilities.Probe);
        return new LoadEnvironment(Environment.MachineName, Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"), ReadMachineId())
        {
            Instance = instance,
            HasGroup = ControlSocketFile.HasGroup,
            PppdObstacle = (dataPlane, program) => ObstacleOnThisMachine(dataPlane, program, () => kernel.Value),
        };
    }

    private static string? ObstacleOnThisMachine(DataPlaneChoice dataPlane, string program, Func<KernelCapabilities> probe) =>
        dataPlane == DataPlaneChoice.Null ? null
        : dataPlane != DataPlaneChoice.Kernel
            && DataPlaneRegistry.Decide(dataPlane, probe, out _)?.Choice != DataPlaneChoice.Kernel
            ? "pppd needs the data plane `kernel`"
        : !File.Exists(program) ? $"{program} does not exist"
        : UserDatabase.EffectiveUser != 0 ? "pppd needs root, and l2tpd runs as another user"
        : null;

    // Empty in container images, and "uninitialized" during the first boot: neither identifies a machine.
    private static string? ReadMachineId()
    {
        try
        {
            var text = File.ReadAllText(MachineIdFile, Encoding.ASCII).Trim();
            return text.Length == MachineIdDigits && text.All(char.IsAsciiHexDigit) ? text : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
