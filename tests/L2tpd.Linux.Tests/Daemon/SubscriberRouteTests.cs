using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Userspace;
using L2tpd.Protocol;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Networks behind a subscriber of the userspace data plane: which packets pass from them and to them, and the routes of the kernel.
/// </summary>
public sealed class SubscriberRouteTests : IDisposable
{
    private const ulong Ours = 1;
    private const ulong Peers = 5;
    private static readonly IPNetwork _prefix = IPNetwork.Parse("2001:db8:7700::/56");
    private static readonly IPNetwork _office = IPNetwork.Parse("10.66.0.0/24");

    private readonly UserspaceRig _rig = new();
    private readonly RecordingLinkObserver _observer = new();
    private readonly UserspacePppLinks _links;
    private IPppLink _link = null!;

    public SubscriberRouteTests()
    {
        var worker = new InterfaceWorker(_rig.Rig.Faults, _rig.Rig);
        var guards = new RouteGuards(_rig.Rig.Events, _rig.Rig.Faults, _rig.Rig, _rig.Rig.Timers, worker, _rig.Rig);
        _links = new UserspacePppLinks(_rig.DataPlane, _rig.Rig.Events, _rig.Rig.Faults, _rig.Rig, _rig.Rig.Timers, guards, _rig.Rig);
    }

    public void Dispose()
    {
        _link?.Close();
        _rig.Rig.RunUntil(() => _observer.IsClosed, "the link to close");
        _links.Dispose();
        _rig.Dispose();
    }

    [Theory]
    [InlineData(PppInterfaceShape.Own)]
    [InlineData(PppInterfaceShape.Shared)]
    public void A_network_has_a_route_while_it_is_added_and_its_sources_pass(PppInterfaceShape shape)
    {
        var session = Open(shape);
        Receive(session, Packet6("2001:db8:7700:1::5", "2001:db8:ffff::1"), Packet4("10.66.0.7", "10.67.0.9"));
        Assert.Equal(2, _links.Drops.WrongSource);
        Add(_prefix, _office);
        Receive(session, Packet6("2001:db8:7700:1::5", "2001:db8:ffff::1"), Packet4("10.66.0.7", "10.67.0.9"));
        Assert.Equal((2, 0), (_links.Drops.WrongSource, _links.Drops.Hairpin));
        Assert.Contains("2001:db8:7700::/56", Routes(6), StringComparison.Ordinal);
        Assert.Contains("10.66.0.0/24", Routes(4), StringComparison.Ordinal);
        Receive(session, Packet6("2001:db8:7701::5", "2001:db8:ffff::1"), Packet6("fe80::6", "2001:db8:ffff::1"));
        Assert.Equal(4, _links.Drops.WrongSource);
        _link.RemoveRoute(_prefix, 0);
        _link.RemoveRoute(_office, 0);
        _rig.Rig.RunUntil(() => !(Routes(6) + Routes(4)).Contains("10.66.0.0", StringComparison.Ordinal), "the routes to be removed");
        Assert.DoesNotContain("2001:db8:7700::", Routes(6), StringComparison.Ordinal);
        Receive(session, Packet6("2001:db8:7700:1::5", "2001:db8:ffff::1"), Packet4("10.66.0.7", "10.67.0.9"));
        Assert.Equal(6, _links.Drops.WrongSource);
    }

    [Theory]
    [InlineData(PppInterfaceShape.Own)]
    [InlineData(PppInterfaceShape.Shared)]
    [InlineData(PppInterfaceShape.None)]
    public void A_packet_for_a_network_of_the_same_subscriber_is_dropped(PppInterfaceShape shape)
    {
        var session = Open(shape);
        Add(_prefix, _office);
        Receive(session, Packet6("2001:db8:7700:1::5", "2001:db8:7700:ff::1"), Packet4("10.66.0.7", "10.66.0.200"));
        Assert.Equal((0, 2), (_links.Drops.WrongSource, _links.Drops.Hairpin));
    }

    [Fact]
    public void Packets_for_the_network_go_to_its_session()
    {
        Open(PppInterfaceShape.Shared);
        Add(_prefix);
        var forward = NamespacePair.Run("ip -6 route get 2001:db8:7700:1::5");
        Assert.Contains("dev l2r-Shared", forward, StringComparison.Ordinal);
        NamespacePair.Run("ping -6 -n -q -c 1 -W 1 2001:db8:7700:1::5 || true");
        for (var i = 0; i < 5; i++)
            _rig.Rig.Turn();
        var received = _rig.PeerReceives();
        while (!received.Contains("20010db8770000010000000000000005", StringComparison.Ordinal))
            received = _rig.PeerReceives();
        Assert.Contains("005760", received, StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_shared_interface_groups_of_the_link_have_no_other_member()
    {
        var session = Open(PppInterfaceShape.Shared);
        Receive(session, Packet6("fe80::5", "ff02::16"));
        Assert.Equal(1, _links.Drops.LinkMulticast);
    }

    private static string Routes(int family) => NamespacePair.Run($"ip -{family} route show");

    private static void Receive(UserspaceSession session, params string[] packets)
    {
        foreach (var packet in packets)
            session.Port!.Receive(Convert.FromHexString((packet[0] == '6' ? "0057" : "0021") + packet));
    }

    private static string Packet6(string source, string destination) =>
        "6000000000083b40" + Hex(source) + Hex(destination) + "0000000000000000";

    private static string Packet4(string source, string destination) =>
        "450000140000000040fd0000" + Hex(source) + Hex(destination);

    private static string Hex(string address) => Convert.ToHexStringLower(IPAddress.Parse(address).GetAddressBytes());

    private void Add(params IPNetwork[] networks)
    {
        foreach (var network in networks)
            _link.AddRoute(network, 0);
        _rig.Rig.RunUntil(() => _observer.Routes == networks.Length, "the routes to be added");
    }

    private UserspaceSession Open(PppInterfaceShape shape)
    {
        _rig.MakeTunnel(ProtocolVersion.V2);
        var session = _rig.MakeSession();
        var settings = new LinkSettings(
            $"l2r-{shape}", 1400, shape, false, 1400, IPAddress.Parse("10.67.0.1"), shape == PppInterfaceShape.Shared ? Ours : 0, []);
        _link = _links.Create(UserspaceRig.SessionKey, settings, _observer)!;
        _link.Open(tunnelEnd: null);
        _rig.Rig.RunUntil(() => _observer.IsOpened, "the link to open");
        _link.AddNetwork(new LinkNetwork(SessionDescription.LinkLocal(Ours), SessionDescription.LinkLocal(Peers), 1400, CheckSource: true));
        _link.AddNetwork(new LinkNetwork(IPAddress.Parse("10.67.0.1"), IPAddress.Parse("10.67.0.2"), 1400, CheckSource: true));
        _rig.Rig.RunUntil(() => _observer.Networks == 2, "the networks to flow");
        return session;
    }
}
