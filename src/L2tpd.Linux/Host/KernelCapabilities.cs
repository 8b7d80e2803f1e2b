using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>A feature that the kernel has or lacks.</summary>
/// <param name="Name">For logs, for example <c>generic netlink family l2tp</c>.</param>
/// <param name="Errno">0 if the kernel has it, otherwise its answer.</param>
/// <param name="Module">The module to load, for example <c>l2tp_netlink</c>.</param>
public readonly record struct KernelCapability(string Name, int Errno, string Module)
{
    /// <summary>Whether the kernel has it.</summary>
    public bool IsAvailable => Errno == 0;

    /// <summary>One line: available, or missing with the errno and <c>modprobe MODULE</c>.</summary>
    public override string ToString() => Errno switch
    {
        0 => $"{Name}: available",
        Linux.Errno.EPERM or Linux.Errno.EACCES => $"{Name}: not allowed, {Linux.Errno.Describe(Errno)}; needs root or CAP_NET_ADMIN",
        _ => $"{Name}: not available, {Linux.Errno.Describe(Errno)}; load it with: modprobe {Module}",
    };
}

/// <summary>What the data path of this kernel can do. A probe opens and closes sockets; this may load modules, as any use does.</summary>
public sealed record KernelCapabilities(
    KernelCapability L2tpNetlink, KernelCapability PppOverL2tp, KernelCapability L2tpIp, KernelCapability L2tpIp6,
    KernelCapability PppDevice, KernelCapability TunDevice)
{
    /// <summary>Whether data plane "kernel" can carry L2TPv2: netlink, PPPoL2TP and /dev/ppp.</summary>
    public bool CanCarryPpp => L2tpNetlink.IsAvailable && PppOverL2tp.IsAvailable && PppDevice.IsAvailable;

    /// <summary>All features.</summary>
    public IReadOnlyList<KernelCapability> All => [L2tpNetlink, PppOverL2tp, L2tpIp, L2tpIp6, PppDevice, TunDevice];

    /// <summary>Probes the kernel.</summary>
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
