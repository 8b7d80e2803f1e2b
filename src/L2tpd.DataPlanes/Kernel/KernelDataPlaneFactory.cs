using L2tpd.Configuration;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Processes;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// Opens the kernel's data plane: the netlink family, the state file, and the removal of what a crashed run left in the kernel.
/// </summary>
internal sealed class KernelDataPlaneFactory : IDataPlaneFactory
{
    /// <inheritdoc/>
    public DataPlaneChoice Choice => DataPlaneChoice.Kernel;

    /// <inheritdoc/>
    public string Name => KernelDataPlane.Word;

    /// <inheritdoc/>
    public string ReasonForAuto => "this kernel has L2TP and PPP over L2TP";

    /// <inheritdoc/>
    /// <remarks>The kernel's data path takes over L2TP/IP sockets of the kernel.</remarks>
    public IpSockets IpSockets => IpSockets.Kernel;

    /// <inheritdoc/>
    public bool SublayersMustBeEqual => true;

    /// <inheritdoc/>
    public string? Obstacle(Lazy<KernelCapabilities> kernel)
    {
        if (kernel.Value.CanCarryPpp)
            return null;
        KernelCapability[] needed = [kernel.Value.L2tpNetlink, kernel.Value.PppOverL2tp, kernel.Value.PppDevice];
        return $"this kernel cannot carry L2TP. {string.Join("; ", needed.Where(static part => !part.IsAvailable))}";
    }

    /// <inheritdoc/>
    public IDataPlane Open(DataPlaneEnvironment environment)
    {
        var error = L2tpNetlink.TryOpen(out var netlink);
        if (!error.IsNone)
            throw new DataPlaneException($"the kernel's L2TP cannot be used: {error}");
        try
        {
            var test = netlink!.ListTunnels(out _);
            if (!test.IsNone)
            {
                throw new DataPlaneException(
                    $"the kernel refuses the use of L2TP ({test}): the capability CAP_NET_ADMIN is missing. Run as root, or set "
                        + "AmbientCapabilities=CAP_NET_ADMIN in the unit");
            }

            var ledger = OpenLedger(environment.Configuration.StateFile, netlink, environment.Log);
            var noLinks = RtNetlink.TryOpen(out var links);
            if (!noLinks.IsNone)
                throw new DataPlaneException($"the kernel's interfaces cannot be managed: {noLinks}");
            return new KernelDataPlane(
                environment.Sink, environment.Transports, environment.Budget, environment.Timers, netlink, links!, ledger, environment.Log);
        }
        catch
        {
            netlink!.Dispose();
            throw;
        }
    }

    private static KernelLedger OpenLedger(string path, L2tpNetlink netlink, ILogger log)
    {
        try
        {
            var here = new LedgerPlace(
                File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), new FileInfo("/proc/self/ns/net").LinkTarget ?? "");
            if (new LeftoverRemoval(netlink, log).Run(KernelLedger.ReadFrom(path), here, path) is { } objection)
                throw new DataPlaneException(objection);
            return KernelLedger.Create(path, here, ProcessTable.Self, log);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataPlaneException($"the state file {path} cannot be used: {error.Message}");
        }
    }
}
