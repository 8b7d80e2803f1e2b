using L2tpd.DataPlanes;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;

namespace L2tpd.Unit.Tests.DataPlanes;

public sealed class CallErrorsTests
{
    [Fact]
    public void Counters_of_the_kernel_become_those_of_the_AVP()
    {
        var statistics = new TrafficCounters(1, 2, 3, 4, 5, ReceiveErrors: 26, ReceiveSequenceDiscards: 7, ReceiveOutOfOrder: 8,
            ReceiveCookieDiscards: 9, ReceiveInvalid: 10);
        Assert.Equal(new CallErrors(0, 20, 0, 7, 0, 0), CallErrorMonitor.ErrorsOf(statistics));
    }

    [Fact]
    public void What_does_not_fit_stays_at_the_most()
    {
        var statistics = new TrafficCounters(0, 0, 0, 0, 0, ulong.MaxValue / 2, 1UL << 40, 0, 0, 0);
        Assert.Equal(new CallErrors(0, uint.MaxValue, 0, uint.MaxValue, 0, 0), CallErrorMonitor.ErrorsOf(statistics));
    }
}
