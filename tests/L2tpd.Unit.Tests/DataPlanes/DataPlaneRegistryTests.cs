using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Linux.Host;

namespace L2tpd.Unit.Tests.DataPlanes;

public sealed class DataPlaneRegistryTests
{
    [Theory]
    [InlineData(DataPlaneChoice.Auto, DataPlaneChoice.Kernel)]
    [InlineData(DataPlaneChoice.Kernel, DataPlaneChoice.Kernel)]
    [InlineData(DataPlaneChoice.Userspace, DataPlaneChoice.Userspace)]
    public void A_kernel_that_can_is_used_unless_userspace_is_asked_for(DataPlaneChoice choice, DataPlaneChoice chosen)
    {
        var decision = DataPlaneRegistry.Decide(choice, () => Kernel(0, 0, 0, 0), out var error);
        Assert.Equal(chosen, decision!.Choice);
        Assert.Null(error);
    }

    [Theory]
    [InlineData(2, 0, 0, "l2tp_netlink")]
    [InlineData(0, 97, 0, "l2tp_ppp")]
    [InlineData(0, 0, 2, "ppp_generic")]
    public void What_is_missing_is_named_with_its_module(int netlink, int ppp, int device, string module)
    {
        Assert.Null(DataPlaneRegistry.Decide(DataPlaneChoice.Kernel, () => Kernel(netlink, ppp, device, 0), out var error));
        Assert.Contains(module, error);
        Assert.Contains("'kernel'", error);
        var decision = DataPlaneRegistry.Decide(DataPlaneChoice.Auto, () => Kernel(netlink, ppp, device, 0), out error);
        Assert.Equal(DataPlaneChoice.Userspace, decision!.Choice);
        Assert.Contains(module, decision.Why);
        Assert.Null(error);
    }

    [Theory]
    [InlineData(DataPlaneChoice.Auto)]
    [InlineData(DataPlaneChoice.Userspace)]
    public void Without_TUN_there_is_no_userspace_either(DataPlaneChoice choice)
    {
        Assert.Null(DataPlaneRegistry.Decide(choice, () => Kernel(2, 97, 2, 13), out var error));
        Assert.Contains(choice == DataPlaneChoice.Auto ? "'auto'" : "'userspace'", error);
        Assert.Contains("tun", error);
        Assert.Equal(choice == DataPlaneChoice.Auto, error!.Contains("l2tp_netlink", StringComparison.Ordinal));
    }

    [Fact]
    public void Null_does_not_ask_the_kernel()
    {
        var decision = DataPlaneRegistry.Decide(DataPlaneChoice.Null, () => throw new InvalidOperationException(), out var error);
        Assert.Equal(DataPlaneChoice.Null, decision!.Choice);
        Assert.Null(error);
    }

    private static KernelCapabilities Kernel(int netlink, int ppp, int device, int tun) => new(
        new("generic netlink family l2tp", netlink, "l2tp_netlink"), new("PPP over L2TP sockets", ppp, "l2tp_ppp"),
        new("L2TP/IP", 0, "l2tp_ip"), new("L2TP/IPv6", 0, "l2tp_ip6"), new("/dev/ppp", device, "ppp_generic"),
        new("/dev/net/tun", tun, "tun"));
}
