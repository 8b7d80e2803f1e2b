using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.Unit.Tests.Linux;

/// <summary>The wire format of queueing disciplines, filters and the police action (rtnetlink(7), tc(8)).</summary>
public sealed class TrafficControlTests
{
    private const string Link = "00000000" + "07000000" + "00000000" + "00000000"; // index 7

    [Fact]
    public void A_rate_of_what_leaves_is_a_token_bucket_filter_at_the_root()
    {
        var kernel = Kernel();
        using var netlink = new RtNetlink(kernel);
        Assert.True(new TrafficControl(netlink).SetEgress("ppp0", 2_500_000, 50_000, 500_000).IsNone);
        Assert.Equal(
            "24000505 " + Header("0000324c", "ffffffff", "00000000") + "08000100" + "74626600" // tbf
            + "40000280" + "28000100" + "03010000ffff0000" + "a0252600" + Zeros(12) + "20a10700" + Zeros(8)
            + "0c000400" + "a025260000000000" + "08000600" + "50c30000",
            ScriptedKernel.Body(kernel.Requests[1]));
    }

    [Fact]
    public void A_rate_of_what_arrives_is_a_police_action_for_everything()
    {
        var kernel = Kernel();
        using var netlink = new RtNetlink(kernel);
        Assert.True(new TrafficControl(netlink).AddIngress("ppp0", 2, 1_000_000, 16_000).IsNone);
        // 16,000 octets last 16 ms: 250,000 ticks of 64 ns.
        Assert.Equal(
            "2c000506 " + Header("00000000", "f2ffffff", "00030200") + "0d000100" + "6d61746368616c6c" + "00000000" // matchall
            + "68040280" + "64040280" + "60040180" + "0b000100" + "706f6c6963650000" + "50040280"
            + "3c000100" + "00000000" + "02000000" + "00000000" + "90d00300" + "ffffffff" + "03010000ffff0000" + "40420f00" + Zeros(24)
            + "04040200" + Zeros(1_024) + "0c000800" + "40420f0000000000",
            ScriptedKernel.Body(kernel.Requests[1]));
    }

    [Fact]
    public void The_place_for_filters_may_be_there_and_a_filter_is_removed_by_its_place()
    {
        var kernel = Kernel(Errno.EEXIST, 0, 0);
        using var netlink = new RtNetlink(kernel);
        var control = new TrafficControl(netlink);
        Assert.Equal(Errno.EEXIST, control.PrepareIngress("ppp0").Errno);
        Assert.True(control.RemoveIngress("ppp0", 1).IsNone);
        Assert.True(control.RemoveEgress("ppp0").IsNone);
        Assert.Equal("24000506 " + Header("0000ffff", "f1ffffff", "00000000") + "0b000100" + "636c736163740000",
            ScriptedKernel.Body(kernel.Requests[1]));
        Assert.Equal("2d000500 " + Header("00000000", "f2ffffff", "00030100") + "0d000100" + "6d61746368616c6c" + "00000000",
            ScriptedKernel.Body(kernel.Requests[3]));
        Assert.Equal("25000500 " + Header("0000324c", "ffffffff", "00000000"), ScriptedKernel.Body(kernel.Requests[5]));
    }

    [Fact]
    public void A_fair_queue_is_below_the_bucket_and_small()
    {
        var kernel = Kernel(Errno.ENOENT);
        using var netlink = new RtNetlink(kernel);
        Assert.Equal(Errno.ENOENT, new TrafficControl(netlink).SetFairQueue("ppp0").Errno);
        Assert.Equal(
            "24000505 " + Header("00000000", "0100324c", "00000000") + "0d000100" + "66715f636f64656c" + "00000000"
            + "14000280" + "08000200" + "00040000" + "08000500" + "40000000",
            ScriptedKernel.Body(kernel.Requests[1]));
    }

    [Fact]
    public void Without_the_interface_nothing_is_sent()
    {
        var kernel = new ScriptedKernel().On(static request => [ScriptedKernel.Ack(request, Errno.ENODEV)]);
        using var netlink = new RtNetlink(kernel);
        Assert.Equal(Errno.ENODEV, new TrafficControl(netlink).SetEgress("ppp0", 1, 1, 1).Errno);
        Assert.Single(kernel.Requests);
    }

    private static string Header(string handle, string parent, string info) => "00000000" + "07000000" + handle + parent + info;

    private static string Zeros(int octets) => new('0', octets * 2);

    private static ScriptedKernel Kernel(params int[] results)
    {
        var kernel = new ScriptedKernel();
        foreach (var result in results.Length == 0 ? [0] : results)
        {
            kernel.On(static request =>
                    [ScriptedKernel.Message(request, 16, 0, ScriptedKernel.Hex(Link)), ScriptedKernel.Ack(request, 0)])
                .On(request => [ScriptedKernel.Ack(request, result)]);
        }

        return kernel;
    }
}
