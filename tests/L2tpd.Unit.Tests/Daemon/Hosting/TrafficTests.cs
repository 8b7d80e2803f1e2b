using L2tpd.Daemon.Hosting;
using L2tpd.DataPlanes;
using L2tpd.Linux.Netlink;

namespace L2tpd.Unit.Tests.Daemon.Hosting;

public sealed class TrafficTests
{
    [Theory]
    [InlineData(10, 10, 0)]
    [InlineData(13, 10, 3)]
    [InlineData(9, 10, 0)]
    public void Zlbs_are_no_invalid_data(ulong counted, long zlbs, ulong shown)
    {
        var statistics = new TrafficCounters { ReceivePackets = 7, ReceiveInvalid = counted };
        Assert.Equal(statistics with { ReceiveInvalid = shown }, Traffic.WithoutZlbs(statistics, zlbs));
    }
}
