using System.Net;
using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Unit.Tests.Ppp;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Networks that layers of a session route to its peer.</summary>
public sealed class SessionNetworkRouteTests
{
    private static readonly IPNetwork _prefix = IPNetwork.Parse("2001:db8:7700::/56");

    private static readonly PppProfile _client = new() { Name = "p", Backend = PppBackend.BuiltIn, EchoInterval = TimeSpan.Zero,
        IPv6 = true };

    [Fact]
    public void A_network_is_routed_once_and_may_be_removed_twice()
    {
        using var rig = Started(out var session, out var endpoint);
        session.AddRoute(endpoint, _prefix);
        session.AddRoute(endpoint, _prefix);
        rig.Run();
        Assert.Equal([_prefix], rig.Lns.Links[0].Routes);
        session.RemoveRoute(endpoint, _prefix);
        session.RemoveRoute(endpoint, _prefix);
        Assert.Empty(rig.Lns.Links[0].Routes);
    }

    [Fact]
    public void A_network_that_could_not_be_routed_may_be_tried_again()
    {
        using var rig = Started(out var session, out var endpoint);
        rig.Lns.Links[0].RouteError = new LinuxError(Errno.EADDRINUSE, "tun", "2001:db8:7700::/56");
        session.AddRoute(endpoint, _prefix);
        rig.Run();
        session.AddRoute(endpoint, _prefix);
        Assert.Equal(2, rig.Lns.Links[0].Routes.Count);
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("192.0.2.0/30")]
    public void A_network_with_the_tunnels_other_end_is_not_routed(string network)
    {
        using var rig = Started(out var session, out var endpoint);
        session.AddRoute(endpoint, IPNetwork.Parse(network));
        rig.Run();
        Assert.Empty(rig.Lns.Links[0].Routes);
    }

    private static BuiltInRig Started(out IPppEffects session, out PppEndpoint endpoint)
    {
        var rig = new BuiltInRig(_client, _client);
        var layers = new AnsweringLayer.Factory();
        rig.Lns.Backend.NetworkLayersOf = _ => [layers, .. NetworkLayers.Standard];
        rig.Start(0);
        session = (BuiltInSession)rig.Lns.Links[0].Observer;
        endpoint = layers.Link!;
        return rig;
    }
}
