using System.Net;
using L2tpd.Linux.Netlink;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>The route to a tunnel's peer, chosen from routing tables that contain our own default route and guard.</summary>
public sealed class TunnelRouteTests
{
    private const uint Uplink = 2;
    private const uint Backup = 3;
    private const uint Ours = 9;

    private static readonly IPAddress End = IPAddress.Parse("198.18.0.1");

    private static NetworkRoute Through => Default(Ours, 0);

    [Fact]
    public void The_lowest_metric_that_is_not_ours() =>
        Assert.Equal(Default(Uplink, 100), Choose(Default(Backup, 200), Through, Default(Uplink, 100)));

    [Fact]
    public void A_longer_prefix_before_a_lower_metric()
    {
        var network = new NetworkRoute(IPAddress.Parse("198.18.0.0"), 15, IPAddress.Parse("192.0.2.9"), Backup) { Metric = 500 };
        Assert.Equal(network, Choose(Default(Uplink, 0), network, Through,
            new NetworkRoute(IPAddress.Parse("198.20.0.0"), 16, null, Uplink)));
    }

    [Fact]
    public void A_guard_does_not_prove_itself() =>
        Assert.Null(Choose(Through, TunnelRoute.GuardOf(Default(Uplink, 100), End)));

    [Fact]
    public void Of_several_routers_one_that_is_there()
    {
        var dead = Default(Uplink, 100) with { IsUsable = false };
        Assert.Equal(Default(Backup, 100), Choose(dead, Default(Backup, 100)));
        Assert.Null(Choose(dead));
    }

    [Fact]
    public void Unreachable_is_no_way_though_there_is_a_shorter_prefix() =>
        Assert.Null(Choose(Default(Uplink, 100), new NetworkRoute(End, 32, null, 0) { IsUsable = false }));

    [Fact]
    public void The_table_that_rules_led_to_comes_first_and_the_main_one_when_that_has_none()
    {
        var other = Default(Backup, 0) with { Table = 51_820 };
        Assert.Equal(other, TunnelRoute.Choose([Default(Uplink, 100), other], End, 51_820, new HashSet<uint>()));
        Assert.Equal(Default(Uplink, 100), TunnelRoute.Choose([Default(Uplink, 100)], End, 51_820, new HashSet<uint>()));
        Assert.Equal(Default(Uplink, 100), Choose(Default(Uplink, 100), other));
    }

    [Fact]
    public void IPv6()
    {
        var end = IPAddress.Parse("2001:db8::1");
        var way = new NetworkRoute(IPAddress.IPv6Any, 0, IPAddress.Parse("fe80::1"), Uplink) { Metric = 1024, Protocol = 9 };
        Assert.Equal(way, TunnelRoute.Choose([Default(Backup, 0), way, way with { Interface = Ours, Metric = 0 }], end,
            NetworkRoute.MainTable, new HashSet<uint> { Ours }));
        var guard = TunnelRoute.GuardOf(way, end);
        Assert.Equal(new NetworkRoute(end, 128, IPAddress.Parse("fe80::1"), Uplink) { Protocol = 115 }, guard);
        Assert.True(TunnelRoute.IsGuard(guard));
    }

    [Fact]
    public void The_guard_is_the_way_for_one_address_and_known_again()
    {
        var way = Default(Uplink, 100) with { Source = IPAddress.Parse("192.0.2.50"), Mtu = 1400, IsOnLink = true, Table = 1000 };
        var guard = TunnelRoute.GuardOf(way, End);
        Assert.Equal(way with { Destination = End, PrefixLength = 32, Metric = 0, Protocol = 115, Table = NetworkRoute.MainTable }, guard);
        Assert.True(TunnelRoute.IsGuard(guard));
        Assert.False(TunnelRoute.IsGuard(guard with { Protocol = 4 }));
        Assert.False(TunnelRoute.IsGuard(guard with { PrefixLength = 24 }));
        Assert.True(TunnelRoute.IsSame(guard, guard with { Metric = 1024, IsOnLink = false }));
        Assert.False(TunnelRoute.IsSame(guard, guard with { Interface = Backup }));
        Assert.False(TunnelRoute.IsSame(guard, guard with { Gateway = null }));
    }

    private static NetworkRoute Default(uint device, uint metric) =>
        new(IPAddress.Any, 0, device == Ours ? null : IPAddress.Parse("192.0.2.254"), device) { Metric = metric };

    private static NetworkRoute? Choose(params NetworkRoute[] routes) =>
        TunnelRoute.Choose(routes, End, NetworkRoute.MainTable, new HashSet<uint> { Ours });
}
