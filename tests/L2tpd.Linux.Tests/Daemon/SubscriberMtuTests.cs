using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Userspace;
using L2tpd.Protocol;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// A subscriber behind a shared interface whose link carries less than the interface, and a host that sends it larger packets.
/// </summary>
public sealed class SubscriberMtuTests : IDisposable
{
    private const ulong Ours = 1;
    private const int SharedMtu = 1400;
    private const int Less = 1300;
    private static readonly IPNetwork _prefix = IPNetwork.Parse("2001:db8:7700::/56");

    private static int _count;

    private readonly string _host = $"l2tpd-{Environment.ProcessId}-mtu{Interlocked.Increment(ref _count)}";
    private readonly string _forwarding = NamespacePair.Run("sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding");
    private readonly UserspaceRig _rig = new();
    private readonly RecordingLinkObserver _observer = new();
    private readonly UserspacePppLinks _links;
    private IPppLink _link = null!;

    public SubscriberMtuTests()
    {
        var worker = new InterfaceWorker(_rig.Rig.Faults, _rig.Rig);
        var guards = new RouteGuards(_rig.Rig.Events, _rig.Rig.Faults, _rig.Rig, _rig.Rig.Timers, worker, _rig.Rig);
        _links = new UserspacePppLinks(_rig.DataPlane, _rig.Rig.Events, _rig.Rig.Faults, _rig.Rig, _rig.Rig.Timers, guards, _rig.Rig);
        NamespacePair.Run(
            $"ip netns add {_host}; ip link add mtu0 type veth peer name mtu1 netns {_host}; ip link set mtu0 up; ip -n {_host} link set "
            + $"mtu1 up; ip addr add 198.51.100.1/24 dev mtu0; ip -n {_host} addr add 198.51.100.2/24 dev mtu1; ip addr add "
            + $"2001:db8:1::1/64 dev mtu0 nodad; ip -n {_host} addr add 2001:db8:1::2/64 dev mtu1 nodad; ip -n {_host} route add default "
            + $"via 198.51.100.1; ip -n {_host} -6 route add default via 2001:db8:1::1; sysctl -q -w net.ipv4.ip_forward=1 "
            + "net.ipv6.conf.all.forwarding=1");
    }

    public void Dispose()
    {
        _link?.Close();
        _rig.Rig.RunUntil(() => _observer.IsClosed, "the link to close");
        _links.Dispose();
        _rig.Dispose();
        // A namespace may take its end of the link along later; the next test makes the link again.
        var forwarding = _forwarding.Split('\n');
        NamespacePair.Run($"ip link del mtu0; ip netns del {_host}; sysctl -q -w net.ipv4.ip_forward={forwarding[0]} "
            + $"net.ipv6.conf.all.forwarding={forwarding[1]}");
    }

    [Theory]
    [InlineData("10.67.0.2", 28, "From 198.51.100.1", "mtu = 1300")]
    [InlineData("2001:db8:7700:1::5", 48, "From 2001:db8:1::1", "mtu=1300")]
    public void Who_sends_a_packet_that_is_too_large_learns_what_the_link_carries(string subscriber, int headers, string from, string mtu)
    {
        Open(Less);
        var answer = Ping(subscriber, Less + 8 - headers);
        Assert.Contains(from, answer, StringComparison.Ordinal);
        Assert.Contains(mtu, answer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_routes_with_an_MTU_end_with_the_session()
    {
        Open(Less);
        Assert.Contains("mtu 1300", Routes("10.67.0.2"), StringComparison.Ordinal);
        Assert.Contains("mtu lock 1300", Routes("2001:db8:7700::/56"), StringComparison.Ordinal);
        _link.RemoveRoute(_prefix, 0);
        _link.RemoveNetwork(Network4(Less));
        _rig.Rig.RunUntil(() => (Routes("10.67.0.2") + Routes("2001:db8:7700::/56")).Length == 0, "the routes to be removed");
    }

    [Fact]
    public void A_link_that_carries_as_much_as_the_interface_has_the_routes_of_the_pools()
    {
        Open(SharedMtu);
        Assert.Equal("", Routes("10.67.0.2") + Routes("2001:db8:7700::/56"));
    }

    [Fact]
    public void A_larger_MTU_of_the_interface_gives_the_links_that_are_up_routes()
    {
        Open(SharedMtu);
        Assert.True(_links.Prepare(Settings(1500)).IsNone);
        _rig.Rig.RunUntil(
            () => Routes("10.67.0.2").Contains("mtu 1400", StringComparison.Ordinal)
                && Routes("2001:db8:7700::/56").Contains("mtu lock 1400", StringComparison.Ordinal),
            "the routes to be added");
    }

    private static LinkSettings Settings(int mtu) => new(
        "l2mtu", SharedMtu, PppInterfaceShape.Shared, false, mtu, IPAddress.Parse("10.67.0.1"), Ours,
        [IPNetwork.Parse("10.67.0.0/24"), IPNetwork.Parse("2001:db8:7700::/40")]);

    private static LinkNetwork Network4(int mtu) =>
        new(IPAddress.Parse("10.67.0.1"), IPAddress.Parse("10.67.0.2"), mtu, CheckSource: true);

    // The link's own routes: those of the pools are shorter.
    private static string Routes(string destination) =>
        NamespacePair.Run($"ip {(destination.Contains(':', StringComparison.Ordinal) ? "-6 " : "")}route show exact {destination}");

    private string Ping(string address, int octets) =>
        NamespacePair.Run($"ip netns exec {_host} ping -n -c 1 -W 5 -M do -s {octets} {address} || true");

    private void Open(int mtu)
    {
        _rig.MakeTunnel(ProtocolVersion.V2);
        _rig.MakeSession();
        var settings = Settings(SharedMtu);
        _link = _links.Create(UserspaceRig.SessionKey, settings, _observer)!;
        _link.Open(tunnelEnd: null);
        _rig.Rig.RunUntil(() => _observer.IsOpened, "the link to open");
        _link.AddNetwork(new LinkNetwork(SessionDescription.LinkLocal(Ours), SessionDescription.LinkLocal(5), mtu, CheckSource: true));
        _link.AddNetwork(Network4(mtu));
        _link.AddRoute(_prefix, 0);
        // The worker does one thing after the other: a route outside the pools comes after the others.
        _link.AddRoute(IPNetwork.Parse("10.66.0.0/24"), 0);
        _rig.Rig.RunUntil(() => _observer.Networks + _observer.Routes == 4 && Routes("10.66.0.0/24").Length > 0, "the networks to flow");
    }
}
