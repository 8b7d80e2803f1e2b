using L2tpd.Daemon.Configuration;
using L2tpd.Daemon.DataPlanes;
using L2tpd.Linux.Host;

namespace L2tpd.Unit.Tests.Daemon.DataPlanes;

public sealed class DataPlaneChooserTests
{
    [Theory]
    [InlineData(DataPlaneChoice.Auto)]
    [InlineData(DataPlaneChoice.Kernel)]
    public void A_kernel_that_can_is_used(DataPlaneChoice choice)
    {
        var decision = DataPlaneChooser.Decide(choice, () => Kernel(0, 0, 0), out var error);
        Assert.True(decision!.UseKernel);
        Assert.Null(error);
    }

    [Theory]
    [InlineData(2, 0, 0, "l2tp_netlink")]
    [InlineData(0, 97, 0, "l2tp_ppp")]
    [InlineData(0, 0, 2, "ppp_generic")]
    public void What_is_missing_is_named_with_its_module(int netlink, int ppp, int device, string module)
    {
        foreach (var choice in new[] { DataPlaneChoice.Auto, DataPlaneChoice.Kernel })
        {
            Assert.Null(DataPlaneChooser.Decide(choice, () => Kernel(netlink, ppp, device), out var error));
            Assert.Contains(module, error);
            Assert.Contains(choice == DataPlaneChoice.Auto ? "'auto'" : "'kernel'", error);
        }
    }

    [Fact]
    public void Null_does_not_ask_the_kernel()
    {
        var decision = DataPlaneChooser.Decide(DataPlaneChoice.Null, () => throw new InvalidOperationException(), out var error);
        Assert.False(decision!.UseKernel);
        Assert.Null(error);
    }

    private static KernelCapabilities Kernel(int netlink, int ppp, int device) => new(
        new("generic netlink family l2tp", netlink, "l2tp_netlink"), new("PPP over L2TP sockets", ppp, "l2tp_ppp"),
        new("L2TP/IP", 0, "l2tp_ip"), new("L2TP/IPv6", 0, "l2tp_ip6"), new("/dev/ppp", device, "ppp_generic"), new("/dev/net/tun", 0, "tun"));
}
