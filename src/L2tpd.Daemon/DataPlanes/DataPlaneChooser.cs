using L2tpd.Daemon.Configuration;
using L2tpd.Linux.Host;

namespace L2tpd.Daemon.DataPlanes;

/// <summary>Which data plane it is to be, and why.</summary>
/// <param name="UseKernel">The kernel's; else none.</param>
/// <param name="Why">For the log.</param>
public sealed record DataPlaneDecision(bool UseKernel, string Why);

/// <summary>Decides by the configuration and by what the kernel has.</summary>
public static class DataPlaneChooser
{
    /// <summary>Decides.</summary>
    /// <param name="choice">As configured.</param>
    /// <param name="probe">Asks the kernel; not called where the answer does not matter.</param>
    /// <param name="error">Why it cannot be, and what to do; null: it can.</param>
    public static DataPlaneDecision? Decide(DataPlaneChoice choice, Func<KernelCapabilities> probe, out string? error)
    {
        error = null;
        if (choice == DataPlaneChoice.Null)
            return new DataPlaneDecision(false, "configured: control messages only, no data is carried");
        var kernel = probe();
        if (kernel.CanCarryPpp)
            return new DataPlaneDecision(true, choice == DataPlaneChoice.Auto ? "auto: this kernel has L2TP and PPP over L2TP" : "configured");
        error = choice == DataPlaneChoice.Kernel
            ? $"data-plane is 'kernel', but this kernel cannot carry it. {Missing(kernel)}"
            : $"data-plane is 'auto', but this kernel cannot carry L2TP, and there is no other data plane yet. {Missing(kernel)} To run the control plane alone, set 'data-plane: null'.";
        return null;
    }

    private static string Missing(KernelCapabilities kernel)
    {
        KernelCapability[] needed = [kernel.L2tpNetlink, kernel.PppOverL2tp, kernel.PppDevice];
        return string.Join("; ", needed.Where(part => !part.IsAvailable)) + ".";
    }
}
