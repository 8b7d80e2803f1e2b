using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.Unit.Tests.Linux;

/// <summary>Addresses, names and routes as rtnetlink(7) has them on the wire.</summary>
public sealed class RtNetlinkTests
{
    private const string LinkHeader = "00000000" + "07000000" + "00000000" + "00000000"; // index 7

    [Fact]
    public void Address_of_a_point_to_point_link_is_added_and_removed()
    {
        var kernel = new ScriptedKernel().On(Link).On(Done).On(Link).On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.AddAddress("ppp0", IPAddress.Parse("10.0.0.1"), 32, IPAddress.Parse("10.0.0.2")).IsNone);
        Assert.True(netlink.RemoveAddress("ppp0", IPAddress.Parse("10.0.0.1"), 32, IPAddress.Parse("10.0.0.2")).IsNone);
        const string Body = "02200000" + "07000000" + "080002000a000001" + "080001000a000002";
        Assert.Equal("14000506 " + Body, ScriptedKernel.Body(kernel.Requests[1]));
        Assert.Equal("15000500 " + Body, ScriptedKernel.Body(kernel.Requests[3]));
    }

    [Fact]
    public void Link_is_renamed_by_its_index()
    {
        var kernel = new ScriptedKernel().On(Link).On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.RenameLink("ppp0", "up").IsNone);
        Assert.Equal("10000500 " + LinkHeader + "07000300" + "75700000", ScriptedKernel.Body(kernel.Requests[1]));
    }

    [Fact]
    public void Way_to_an_address_is_found_and_kept_as_a_route()
    {
        var kernel = new ScriptedKernel()
            .On(static request =>
            [
                ScriptedKernel.Message(request, 24, 0, ScriptedKernel.Hex("02200000fe000001" + "00000000" + "08000100c0000207" + "080005000a000001" + "0800040003000000")),
                ScriptedKernel.Ack(request, 0),
            ])
            .On(Done).On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.FindRoute(IPAddress.Parse("192.0.2.7"), out var route).IsNone);
        Assert.Equal(new NetworkRoute(IPAddress.Parse("192.0.2.7"), 32, IPAddress.Parse("10.0.0.1"), 3), route);
        Assert.True(netlink.AddRoute(route!).IsNone);
        Assert.True(netlink.RemoveRoute(route!).IsNone);
        const string Body = "02200000fe040001" + "00000000" + "08000100c0000207" + "080005000a000001" + "0800040003000000";
        Assert.Equal("1a000500 " + "0220000000000000" + "00000000" + "08000100c0000207", ScriptedKernel.Body(kernel.Requests[0]));
        Assert.Equal("18000506 " + Body, ScriptedKernel.Body(kernel.Requests[1]));
        Assert.Equal("19000500 " + Body, ScriptedKernel.Body(kernel.Requests[2]));
    }

    [Fact]
    public void Default_route_has_neither_destination_nor_router()
    {
        var kernel = new ScriptedKernel().On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.AddRoute(new NetworkRoute(IPAddress.Any, 0, null, 9)).IsNone);
        Assert.Equal("18000506 " + "02000000fe04fd01" + "00000000" + "0800040009000000", ScriptedKernel.Body(kernel.Requests[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0220")]
    public void Answer_without_a_route_is_an_error(string payload)
    {
        var kernel = new ScriptedKernel().On(request => [ScriptedKernel.Message(request, 24, 0, ScriptedKernel.Hex(payload)), ScriptedKernel.Ack(request, 0)]);
        using var netlink = new RtNetlink(kernel);
        Assert.Equal(Errno.EBADMSG, netlink.FindRoute(IPAddress.Loopback, out _).Errno);
    }

    private static byte[][] Link(byte[] request) =>
        [ScriptedKernel.Message(request, 16, 0, ScriptedKernel.Hex(LinkHeader + "0900030070707030" + "00000000")), ScriptedKernel.Ack(request, 0)];

    private static byte[][] Done(byte[] request) => [ScriptedKernel.Ack(request, 0)];
}
