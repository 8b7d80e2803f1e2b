using L2tpd.DataPlanes.Interfaces;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;

namespace L2tpd.Unit.Tests.DataPlanes;

/// <summary>What the circuit behind a pseudowire's interface is, and when it is up (ADR 6).</summary>
public sealed class BridgeTableTests
{
    private const CircuitStatus Fault = CircuitStatus.LocalReceiveFault | CircuitStatus.LocalTransmitFault;

    private readonly BridgeTable table = new();

    [Fact]
    public void Nothing_known_is_nothing_against_it() => Assert.Equal(CircuitStatus.Active, table.StatusOf(null));

    [Theory]
    [InlineData(true, CircuitStatus.Active)]
    [InlineData(false, CircuitStatus.None)]
    public void An_interface_alone_is_the_circuit(bool up, CircuitStatus status) =>
        Assert.Equal(status, table.StatusOf(new LinkInfo(5, "pw0", up, 1500, default)));

    [Fact]
    public void A_port_of_something_else_is_on_its_own()
    {
        Say(Port(6, carrier: false) with { PortOf = "bond" });
        Assert.Equal(CircuitStatus.Active, table.StatusOf(Port(5) with { PortOf = "vrf" }));
    }

    [Fact]
    public void In_a_bridge_the_circuit_is_its_other_ports()
    {
        Say(Bridge());
        Say(Port(5));
        Assert.Equal(CircuitStatus.Active, Status());       // no other port: the bridge itself

        Say(Port(6, carrier: false));
        Assert.Equal(Fault, Status());
        Say(Port(7, up: false));
        Assert.Equal(Fault, Status());
        Say(Port(7));
        Assert.Equal(CircuitStatus.Active, Status());
        Say(Port(7), gone: true);
        Assert.Equal(Fault, Status());
        Say(Port(6) with { Master = 11 });
        Assert.Equal(CircuitStatus.Active, Status());       // it left for another bridge
    }

    [Fact]
    public void A_bridge_that_is_down_takes_all_with_it()
    {
        Say(Bridge());
        Say(Port(5));
        Say(Port(6));
        Say(Bridge() with { IsUp = false });
        Assert.Equal(CircuitStatus.None, Status());
    }

    [Fact]
    public void The_interface_itself_does_not_count_for_it()
    {
        Say(Bridge());
        Say(Port(5));
        Say(Port(6));
        Say(Port(6, up: false));
        Assert.Equal(Fault, Status());
        Assert.Equal(CircuitStatus.None, table.StatusOf(Port(5, up: false)));
    }

    [Fact]
    public void Other_devices_are_not_kept_and_all_can_be_forgotten()
    {
        Say(new LinkInfo(8, "ppp0", true, 1400, default));
        Assert.Null(table.Find(8));
        Say(Bridge());
        Say(Port(6, carrier: false));
        table.Clear();
        Assert.Null(table.Find(10));
        Assert.Equal(CircuitStatus.Active, Status());
    }

    private static LinkInfo Port(uint index, bool up = true, bool carrier = true) =>
        new(index, $"p{index}", up, 1500, default) { HasCarrier = carrier, Master = 10, PortOf = "bridge" };

    private static LinkInfo Bridge() => new(10, "br0", true, 1500, default) { HasCarrier = true, Kind = "bridge" };

    private CircuitStatus Status() => table.StatusOf(Port(5));

    private void Say(LinkInfo link, bool gone = false) => table.Take(new LinkEvent(link, gone));
}
