namespace L2tpd.Linux.Host;

/// <summary>One thing the kernel has or lacks.</summary>
/// <param name="Name">In words, for example <c>generic netlink family l2tp</c>.</param>
/// <param name="Errno">0: there; else what the kernel answered.</param>
/// <param name="Module">The module to load, for example <c>l2tp_netlink</c>.</param>
public readonly record struct KernelCapability(string Name, int Errno, string Module)
{
    /// <summary>The kernel has it.</summary>
    public bool IsAvailable => Errno == 0;

    /// <summary>One line: there, or missing with errno and <c>modprobe MODULE</c>.</summary>
    public override string ToString() => throw new NotImplementedException();
}

/// <summary>What the data path of this kernel can do. Probing opens and closes sockets; it may load modules, as any use would.</summary>
public sealed record KernelCapabilities(
    KernelCapability L2tpNetlink, KernelCapability PppOverL2tp, KernelCapability L2tpIp, KernelCapability L2tpIp6,
    KernelCapability PppDevice, KernelCapability TunDevice)
{
    /// <summary>Asks the kernel.</summary>
    public static KernelCapabilities Probe() => throw new NotImplementedException();

    /// <summary>Netlink and PPPoL2TP with /dev/ppp: what data plane "kernel" needs for L2TPv2.</summary>
    public bool CanCarryPpp => L2tpNetlink.IsAvailable && PppOverL2tp.IsAvailable && PppDevice.IsAvailable;

    /// <summary>All of them.</summary>
    public IReadOnlyList<KernelCapability> All => [L2tpNetlink, PppOverL2tp, L2tpIp, L2tpIp6, PppDevice, TunDevice];
}
