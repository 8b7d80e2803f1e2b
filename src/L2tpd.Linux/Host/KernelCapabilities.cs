using L2tpd.Linux.Interop;
using Tmds.Linux;

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
    public override string ToString() => Errno switch
    {
        0 => $"{Name}: available",
        Linux.Errno.EPERM or Linux.Errno.EACCES => $"{Name}: not allowed, {Linux.Errno.Describe(Errno)}; needs root or CAP_NET_ADMIN",
        _ => $"{Name}: not available, {Linux.Errno.Describe(Errno)}; load it with: modprobe {Module}",
    };
}

/// <summary>What the data path of this kernel can do. Probing opens and closes sockets; it may load modules, as any use would.</summary>
public sealed record KernelCapabilities(
    KernelCapability L2tpNetlink, KernelCapability PppOverL2tp, KernelCapability L2tpIp, KernelCapability L2tpIp6,
    KernelCapability PppDevice, KernelCapability TunDevice)
{
    /// <summary>Netlink and PPPoL2TP with /dev/ppp: what data plane "kernel" needs for L2TPv2.</summary>
    public bool CanCarryPpp => L2tpNetlink.IsAvailable && PppOverL2tp.IsAvailable && PppDevice.IsAvailable;

    /// <summary>All of them.</summary>
    public IReadOnlyList<KernelCapability> All => [L2tpNetlink, PppOverL2tp, L2tpIp, L2tpIp6, PppDevice, TunDevice];

    /// <summary>Asks the kernel.</summary>
    public static KernelCapabilities Probe() => new(
        new KernelCapability("generic netlink family l2tp", ProbeNetlink(), "l2tp_netlink"),
        new KernelCapability("PPPoL2TP sockets", ProbeSocket(LibC.AF_PPPOX, Native.PX_PROTO_OL2TP), "l2tp_ppp"),
        new KernelCapability("L2TP/IP sockets over IPv4", ProbeSocket(LibC.AF_INET, Native.IPPROTO_L2TP), "l2tp_ip"),
        new KernelCapability("L2TP/IP sockets over IPv6", ProbeSocket(LibC.AF_INET6, Native.IPPROTO_L2TP), "l2tp_ip6"),
        new KernelCapability(Ppp.PppDevice.DevicePath, ProbeDevice(Ppp.PppDevice.DevicePath), "ppp_generic"),
        new KernelCapability(TunTap.DevicePath, ProbeDevice(TunTap.DevicePath), "tun"));

    private static int ProbeNetlink()
    {
        var error = Netlink.L2tpNetlink.TryOpen(out var netlink);
        netlink?.Dispose();
        return error.Errno;
    }

    private static int ProbeSocket(int family, int protocol) =>
        CloseOrErrno(LibC.socket(family, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, protocol));

    private static int ProbeDevice(string path) => CloseOrErrno(Native.open(path, LibC.O_RDWR | LibC.O_CLOEXEC));

    private static int CloseOrErrno(int number)
    {
        if (number < 0)
            return LibC.errno;
        _ = LibC.close(number);
        return 0;
    }
}
