using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.DataPlanes.Kernel;
using L2tpd.DataPlanes.Null;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Processes;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>The chosen data plane and what goes with it.</summary>
/// <param name="DataPlane">The data plane.</param>
/// <param name="Ledger">The state file; null where nothing is made in the kernel.</param>
/// <param name="Why">Why this one.</param>
public sealed record PreparedDataPlane(IDataPlane DataPlane, KernelLedger? Ledger, string Why);

/// <summary>Chooses the data plane, clears what a crashed run left behind, opens what is needed.</summary>
public static partial class DataPlaneSetup
{
    /// <exception cref="StartException">It cannot be had; says what is missing.</exception>
    public static PreparedDataPlane Prepare(
        DaemonConfiguration configuration, IInputSink sink, LoopTimers timers, Transports transports, DescriptorBudget budget, ILogger log)
    {
        var decision = DataPlaneChooser.Decide(configuration.DataPlane, KernelCapabilities.Probe, out var error) ?? throw new StartException(error!);
        LogChosen(log, decision.Choice switch { DataPlaneChoice.Kernel => "kernel", DataPlaneChoice.Userspace => "userspace", _ => "null" }, decision.Why);
        if (decision.Choice == DataPlaneChoice.Kernel)
            return PrepareKernel(configuration.StateFile, decision.Why, sink, timers, transports, budget, log);
        if (decision.Choice == DataPlaneChoice.Userspace)
            return PrepareUserspace(configuration, decision.Why, sink, timers, transports, budget, log);
        foreach (var profile in configuration.PppProfiles.Keys)
            LogPppIgnored(log, profile);
        return new PreparedDataPlane(new NullDataPlane(sink, transports), null, decision.Why);
    }

    private static PreparedDataPlane PrepareUserspace(
        DaemonConfiguration configuration, string why, IInputSink sink, LoopTimers timers, Transports transports, DescriptorBudget budget, ILogger log)
    {
        if (ConfigurationCheck.UserspaceObjection(configuration) is { } objection)
            throw new StartException(objection);
        var error = TunTap.TryOpen("l2tpd%d", tap: false, offloads: false, out var trial);
        trial?.Dispose();
        if (!error.IsNone)
            throw new StartException(Explain(error));
        error = RtNetlink.TryOpen(out var links);
        if (!error.IsNone)
            throw new StartException($"the kernel's interfaces cannot be managed: {error}");
        // Interfaces go with the descriptors of a daemon that dies: there is nothing to note in a state file.
        return new PreparedDataPlane(new UserspaceDataPlane(sink, transports, budget, timers, links!, configuration.Offloads, log), null, why);
    }

    /// <summary>Why no interface can be made, as one was tried, and what to do.</summary>
    private static string Explain(LinuxError error) => error.Errno is Errno.EPERM or Errno.EACCES
        ? $"network interfaces may not be made ({error}): the capability CAP_NET_ADMIN is missing. Run as root, or give it by AmbientCapabilities=CAP_NET_ADMIN in the unit; "
            + "'data-plane: null' needs none, and carries no data"
        : $"network interfaces cannot be made: {error}";

    private static PreparedDataPlane PrepareKernel(
        string stateFile, string why, IInputSink sink, LoopTimers timers, Transports transports, DescriptorBudget budget, ILogger log)
    {
        var error = L2tpNetlink.TryOpen(out var netlink);
        if (!error.IsNone)
            throw new StartException($"the kernel's L2TP cannot be used: {error}");
        var test = netlink!.ListTunnels(out _);
        if (!test.IsNone)
        {
            netlink.Dispose();
            throw new StartException($"the kernel's L2TP may not be used ({test}): the capability CAP_NET_ADMIN is missing. Run as root, or give it by AmbientCapabilities=CAP_NET_ADMIN in the unit");
        }

        try
        {
            var ledger = OpenLedger(stateFile, netlink, log);
            var noLinks = RtNetlink.TryOpen(out var links);
            if (!noLinks.IsNone)
                throw new StartException($"the kernel's interfaces cannot be managed: {noLinks}");
            return new PreparedDataPlane(new KernelDataPlane(sink, transports, budget, timers, netlink, links!, ledger, log), ledger, why);
        }
        catch
        {
            netlink.Dispose();
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
                throw new StartException(objection);
            return KernelLedger.Create(path, here, ProcessTable.Self, log);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the state file {path} cannot be used: {error.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Data plane: {DataPlane} ({Why})")]
    private static partial void LogChosen(ILogger log, string dataPlane, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PPP profile {Profile} is not used: the null data plane carries no PPP")]
    private static partial void LogPppIgnored(ILogger log, string profile);
}
