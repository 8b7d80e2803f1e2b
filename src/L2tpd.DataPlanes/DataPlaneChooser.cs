using L2tpd.Configuration;
using L2tpd.Linux.Host;

namespace L2tpd.DataPlanes;

/// <summary>Which data plane it is to be, and why.</summary>
/// <param name="Choice">Never <see cref="DataPlaneChoice.Auto"/>.</param>
/// <param name="Why">For the log.</param>
public sealed record DataPlaneDecision(DataPlaneChoice Choice, string Why);

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
            return new DataPlaneDecision(choice, "configured: control messages only, no data is carried");
        var kernel = probe();
        if (choice != DataPlaneChoice.Userspace && kernel.CanCarryPpp)
            return new DataPlaneDecision(
                DataPlaneChoice.Kernel, choice == DataPlaneChoice.Auto ? "auto: this kernel has L2TP and PPP over L2TP" : "configured");
        if (choice != DataPlaneChoice.Kernel && kernel.TunDevice.IsAvailable)
            return new DataPlaneDecision(
                DataPlaneChoice.Userspace, choice == DataPlaneChoice.Auto ? $"auto: this kernel cannot carry L2TP. {Missing(kernel)}" : "configured");
        error = choice switch
        {
            DataPlaneChoice.Kernel => $"data-plane is 'kernel', but this kernel cannot carry it. {Missing(kernel)} 'data-plane: userspace' needs less.",
            DataPlaneChoice.Userspace => $"data-plane is 'userspace', but its interfaces cannot be made. {kernel.TunDevice}.",
            _ => $"data-plane is 'auto', but this kernel cannot carry L2TP. {Missing(kernel)} The userspace data plane cannot be had either. {kernel.TunDevice}. "
                + "To run the control plane alone, set 'data-plane: null'.",
        };
        return null;
    }

    private static string Missing(KernelCapabilities kernel)
    {
        KernelCapability[] needed = [kernel.L2tpNetlink, kernel.PppOverL2tp, kernel.PppDevice];
        return string.Join("; ", needed.Where(part => !part.IsAvailable)) + ".";
    }
}
