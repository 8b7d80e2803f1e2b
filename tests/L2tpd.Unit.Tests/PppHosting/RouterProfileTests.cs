using System.Net;
using L2tpd.Configuration;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Runtime.Counters;
using L2tpd.Unit.Tests.Ipv6;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Profiles with <c>ipv6: router</c> on sessions: who advertises, and what the link is told.</summary>
public sealed class RouterProfileTests
{
    private const string AdvertisementStart = "005760000000";

    private static readonly PppProfile _profile = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, EchoInterval = TimeSpan.Zero, IPv6 = true, IPv6Router = true,
        IPv6Dns = [IPAddress.Parse("2001:db8::53")],
    };

    [Fact]
    public void The_LNS_advertises_and_the_client_does_not()
    {
        using var rig = new BuiltInRig(_profile, _profile);
        rig.Start(0);
        var sent = Assert.Single(rig.Lns.Links[0].Sent, static frame => frame.StartsWith(AdvertisementStart, StringComparison.Ordinal));
        Assert.Contains("20010db8000000000000000000000053", sent, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Lac.Links[0].Sent, static frame => frame.StartsWith(AdvertisementStart, StringComparison.Ordinal));
        Assert.Equal(LinkRouter.Ours, Assert.Single(rig.Lns.Links[0].Networks, static network => network.IsIPv6).Router);
        Assert.Equal(LinkRouter.Peers, Assert.Single(rig.Lac.Links[0].Networks, static network => network.IsIPv6).Router);
    }

    [Fact]
    public void Without_a_router_nobody_advertises()
    {
        var profile = _profile with { IPv6Router = false, IPv6Dns = [] };
        using var rig = new BuiltInRig(profile, profile);
        rig.Start(0);
        Assert.DoesNotContain(rig.Lns.Links[0].Sent, static frame => frame.StartsWith(AdvertisementStart, StringComparison.Ordinal));
        Assert.All(rig.Lns.Links[0].Networks, static network => Assert.Equal(LinkRouter.None, network.Router));
        Assert.False(rig.Lns.Links[0].Observer.OnControlPacket(DiscoveryPackets.Of(DiscoveryPackets.RouterSolicitation)));
    }

    [Fact]
    public void Behind_a_shared_interface_neighbours_are_answered_in_any_case()
    {
        var profile = _profile with { IPv6Router = false, IPv6Dns = [], Shape = PppInterfaceShape.Shared, Interface = "shared0" };
        using var rig = new BuiltInRig(_profile, profile);
        rig.Start(0);
        var link = rig.Lns.Links[0];
        var (ours, peer) = link.Networks.Where(static network => network.IsIPv6)
            .Select(static network => (network.Local.ToString(), network.Peer!.ToString())).Single();
        link.Sent.Clear();
        Assert.True(link.Observer.OnControlPacket(
            DiscoveryPackets.Of(DiscoveryPackets.NeighbourSolicitation(ours), peer, ours)));
        Assert.StartsWith("0057", Assert.Single(link.Sent), StringComparison.Ordinal);
    }

    [Fact]
    public void What_discovery_counts_is_in_the_registry()
    {
        using var rig = new BuiltInRig(_profile, _profile);
        rig.Start(0);
        var registry = new CounterRegistry();
        rig.Lns.Backend.Ipv6.Register(registry);
        var samples = Assert.Single(registry.Read("discovery")).Samples;
        Assert.Equal(1, Assert.Single(samples, static sample => sample.LabelValues.Contains("router-advertisement-sent")).Value);
        rig.Lns.Links[0].Observer.OnControlPacket(DiscoveryPackets.Of("86000000000007080000000000000000"));
        samples = Assert.Single(registry.Read("discovery")).Samples;
        Assert.Equal(1, Assert.Single(samples, static sample => sample.LabelValues.Contains("router-claimed-by-peer")).Value);
    }
}
