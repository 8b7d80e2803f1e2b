using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.Unit.Tests.Linux;

/// <summary>The wire format of addresses, names and routes (rtnetlink(7)).</summary>
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
                ScriptedKernel.Message(request, 24, 0, ScriptedKernel.Hex(
                    "02200000fe040001" + "00000000" + "08000100c0000207" + "080005000a000001" + "0800040003000000")),
                ScriptedKernel.Ack(request, 0),
            ])
            .On(Done).On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.FindRoute(IPAddress.Parse("192.0.2.7"), out var route).IsNone);
        Assert.Equal(new NetworkRoute(IPAddress.Parse("192.0.2.7"), 32, IPAddress.Parse("10.0.0.1"), 3), route);
        Assert.True(netlink.AddRoute(route!).IsNone);
        Assert.True(netlink.RemoveRoute(route!).IsNone);
        const string Body = "02200000fe040001" + "00000000" + "08000100c0000207" + "080005000a000001" + "0800040003000000";
        Assert.Equal("1a000500 " + "0220000000000000" + "00300000" + "08000100c0000207", ScriptedKernel.Body(kernel.Requests[0]));
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

    [Fact]
    public void Routes_are_listed_with_each_of_their_routers()
    {
        const string Cached = "0a800000fe020001" + "00020000";
        const string Hops = "10000100" + "03000000" + "080005000a000001" + "10000400" + "04000000" + "080005000a000002";
        var kernel = new ScriptedKernel().On(static request =>
        [
            ScriptedKernel.Message(request, 24, 2, ScriptedKernel.Hex(
                "02180000fe040001" + "00000000" + "08000100c0000200" + "24000900" + Hops)),
            ScriptedKernel.Message(request, 24, 2, ScriptedKernel.Hex(
                "02000000fe100001" + "00000000" + "0800060064000000" + "16001200" + "0a00fe800000000000000000000000000001" + "0000"
                + "0800040007000000" + "08000700c0000201" + "0c000800" + "0800020078050000" + "08000f00e8030000")),
            ScriptedKernel.Message(request, 24, 2, ScriptedKernel.Hex(Cached)),
            ScriptedKernel.Message(request, 24, 2, ScriptedKernel.Hex("02200000fe040007" + "00000000" + "08000100c0000207")),
            ScriptedKernel.Message(request, 3, 2, new byte[4]),
        ]);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.ListRoutes(System.Net.Sockets.AddressFamily.InterNetwork, out var routes).IsNone);
        Assert.Equal("1a000103 " + "0200000000000000" + "00000000", ScriptedKernel.Body(kernel.Requests[0]));
        var network = new NetworkRoute(IPAddress.Parse("192.0.2.0"), 24, IPAddress.Parse("10.0.0.1"), 3);
        Assert.Equal(
            [
                network with { IsUsable = false },
                network with { Gateway = IPAddress.Parse("10.0.0.2"), Interface = 4, IsOnLink = true },
                new NetworkRoute(IPAddress.Any, 0, IPAddress.Parse("fe80::1"), 7)
                {
                    Protocol = 16, Metric = 100, Source = IPAddress.Parse("192.0.2.1"), Mtu = 1400, Table = 1000,
                },
                new NetworkRoute(IPAddress.Parse("192.0.2.7"), 32, null, 0) { IsUsable = false, IsUnreachable = true },
            ],
            routes);
    }

    [Fact]
    public void A_route_is_written_as_it_was_read()
    {
        var kernel = new ScriptedKernel().On(Done);
        using var netlink = new RtNetlink(kernel);
        var route = new NetworkRoute(IPAddress.Parse("192.0.2.7"), 32, IPAddress.Parse("fe80::1"), 7)
        {
            Protocol = 115, Source = IPAddress.Parse("192.0.2.1"), Mtu = 1400, IsOnLink = true,
        };
        Assert.True(netlink.AddRoute(route, replace: true).IsNone);
        Assert.Equal(
            "18000505 " + "02200000fe730001" + "04000000" + "08000100c0000207" + "16001200" + "0a00fe800000000000000000000000000001" +
                "0000"
            + "0800040007000000" + "08000700c0000201" + "0c000880" + "0800020078050000",
            ScriptedKernel.Body(kernel.Requests[0]));
    }

    [Fact]
    public void A_locked_MTU_is_written_with_its_lock()
    {
        var kernel = new ScriptedKernel().On(Done);
        using var netlink = new RtNetlink(kernel);
        var route = new NetworkRoute(IPAddress.Parse("2001:db8::"), 40, null, 7) { Mtu = 1300, IsMtuLocked = true };
        Assert.True(netlink.AddRoute(route).IsNone);
        Assert.EndsWith(
            "14000880" + "0800020014050000" + "0800010004000000", ScriptedKernel.Body(kernel.Requests[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreachable_route_has_no_interface()
    {
        var kernel = new ScriptedKernel().On(Done);
        using var netlink = new RtNetlink(kernel);
        var route = new NetworkRoute(IPAddress.Parse("2001:db8::"), 40, null, 0)
        {
            Protocol = 115, Metric = uint.MaxValue, IsUnreachable = true,
        };
        Assert.True(netlink.AddRoute(route).IsNone);
        Assert.Equal(
            "18000506 " + "0a280000fe730007" + "00000000" + "1400010020010db8000000000000000000000000" + "08000600ffffffff",
            ScriptedKernel.Body(kernel.Requests[0]));
    }

    [Theory]
    [InlineData(16, "00000000" + "07000000" + "00000000" + "00000000", true)]                  // a device
    [InlineData(21, "02180000" + "07000000", true)]                                              // an address
    [InlineData(25, "02000000fe040001" + "00000000", true)]                                      // the default route of that family
    [InlineData(24, "02180000fe040001" + "00000000" + "08000100c0000200", true)]                 // a network with the address
    [InlineData(24, "02190000fe040001" + "00000000" + "08000100c0000280", false)]                // the other half of it
    [InlineData(24, "0a000000fe040001" + "00000000", false)]                                     // the other family
    [InlineData(24, "02200000fe040001" + "00000000" + "08000100c0000208", false)]                // the neighbour
    [InlineData(24, "0221", false)]
    public void Changes_that_concern_an_address_are_told_from_others(ushort type, string payload, bool concerns)
    {
        var kernel = new ScriptedKernel().On(request => [ScriptedKernel.Message(request, type, 0, ScriptedKernel.Hex(payload))]);
        using var events = new RouteEvents(kernel, null!);
        kernel.Send(new byte[16]);
        Assert.Equal(concerns, events.Read([IPAddress.Parse("192.0.2.7")]));
        Assert.False(events.Read([IPAddress.Parse("192.0.2.7")]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0220")]
    public void Answer_without_a_route_is_an_error(string payload)
    {
        var kernel = new ScriptedKernel()
            .On(request => [ScriptedKernel.Message(request, 24, 0, ScriptedKernel.Hex(payload)), ScriptedKernel.Ack(request, 0)]);
        using var netlink = new RtNetlink(kernel);
        Assert.Equal(Errno.EBADMSG, netlink.FindRoute(IPAddress.Loopback, out _).Errno);
    }

    [Fact]
    public void Port_of_a_bridge()
    {
        var kernel = new ScriptedKernel().On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.SetMaster("pw0", 9).IsNone);
        Assert.Equal("10000500 " + NoLink + "0800030070773000" + "08000a0009000000", ScriptedKernel.Body(kernel.Requests[0]));
    }

    [Theory]
    [InlineData(true, "05")]
    [InlineData(false, "06")]
    public void Dormant_or_not(bool dormant, string state)
    {
        var kernel = new ScriptedKernel().On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.SetDormant("pw0", dormant).IsNone);
        Assert.Equal("10000500 " + NoLink + "0800030070773000" + "05001000" + state + "000000", ScriptedKernel.Body(kernel.Requests[0]));
    }

    [Fact]
    public void Device_of_tagged_frames_is_new()
    {
        var kernel = new ScriptedKernel().On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.AddVlan("pw0", 7, 100).IsNone);
        Assert.Equal(
            "10000506 " + NoLink + "0800030070773000" + "0800050007000000" + "1c001280" + "09000100766c616e00000000" + "0c000280" +
                "0600010064000000",
            ScriptedKernel.Body(kernel.Requests[0]));
    }

    [Fact]
    public void No_link_local_address()
    {
        var kernel = new ScriptedKernel().On(Done);
        using var netlink = new RtNetlink(kernel);
        Assert.True(netlink.SetNoLinkLocalAddress("pw0").IsNone);
        Assert.Equal(
            "10000500 " + NoLink + "0800030070773000" + "10001a80" + "0c000a80" + "0500080001000000",
            ScriptedKernel.Body(kernel.Requests[0]));
    }

    [Fact]
    public void Events_tell_of_devices_and_not_of_a_bridges_view_of_them()
    {
        // pw0, up, with a carrier, a port of the bridge with index 9. Then the same in the address family of bridges. Then removed.
        const string Attributes = "0800030070773000" + "08000a0009000000" + "10001200" + "0b000400627269646765" + "0000";
        var kernel = new ScriptedKernel().On(static request =>
        [
            ScriptedKernel.Message(request, 16, 0, ScriptedKernel.Hex("00000000" + "07000000" + "01000100" + "00000000" + Attributes)),
            ScriptedKernel.Message(request, 17, 0, ScriptedKernel.Hex("07000000" + "07000000" + "01000100" + "00000000" + Attributes)),
            ScriptedKernel.Message(request, 3, 2, new byte[4]),
            ScriptedKernel.Message(request, 17, 0, ScriptedKernel.Hex("00000000" + "07000000" + "00000000" + "00000000" + Attributes)),
        ]);
        using var events = new LinkEvents(kernel, null!);
        Assert.True(events.AskForAll().IsNone);
        var read = new List<LinkEvent>();
        Assert.True(events.Read(read).IsNone);

        Assert.Equal("12000103 " + "00000000" + "00000000" + "00000000" + "00000000", ScriptedKernel.Body(kernel.Requests[0]));
        var link = new LinkInfo(7, "pw0", true, 0, default) { HasCarrier = true, Master = 9, PortOf = "bridge" };
        Assert.Equal([new LinkEvent(link, false), new LinkEvent(link with { IsUp = false, HasCarrier = false }, true)], read);
    }

    private const string NoLink = "00000000" + "00000000" + "00000000" + "00000000";

    private static byte[][] Link(byte[] request) =>
    [
        ScriptedKernel.Message(request, 16, 0, ScriptedKernel.Hex(LinkHeader + "0900030070707030" + "00000000")),
        ScriptedKernel.Ack(request, 0),
    ];

    private static byte[][] Done(byte[] request) => [ScriptedKernel.Ack(request, 0)];
}
