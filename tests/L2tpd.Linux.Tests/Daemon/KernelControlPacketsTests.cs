using System.Net;
using L2tpd.Access;
using L2tpd.Linux.Netlink;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// What the kernel data plane does on the interface of a session whose router we are. An Ethernet interface takes the place of the kernel's
/// ppp interface: this machine's kernel may have none.
/// </summary>
public sealed class KernelControlPacketsTests
{
    [Fact]
    public void A_solicitation_comes_to_the_observer()
    {
        using var pair = new NamespacePair();
        NamespacePair.Run($"ip -n {pair.Second} addr add fe80::2/64 dev link0 nodad");
        using var rig = new LoopRig();
        var guards = new RouteGuards(rig.Events, rig.Faults, rig, rig.Timers, new InterfaceWorker(rig.Faults, rig), rig);
        using var sources = new SourceRules(rig);
        using var links = new KernelPppLinks(rig.Events, rig.Faults, rig, null!, guards, sources);
        var socket = NetworkNamespace.Make(pair.First, static () =>
        {
            RtNetlink.TryOpen(out var netlink).ThrowIfError();
            using (netlink)
            {
                KernelControlPackets.TryOpen(netlink!, "link0", isIPv6: true, out var opened).ThrowIfError();
                return opened!;
            }
        });
        var observer = new Observer();
        using var packets = KernelControlPackets.Start(links, socket, observer);
        NamespacePair.Run($"ip netns exec {pair.Second} rdisc6 -1 -r 1 -w 100 link0 || true");
        rig.RunUntil(() => observer.Types.Contains(133), "a router solicitation");
        // The interface goes: the loop goes on.
        NamespacePair.Run($"ip -n {pair.First} link del link0");
        for (var i = 0; i < 3; i++)
            rig.Turn();
        Assert.Empty(rig.Lines);
    }

    [Theory]
    [InlineData(LinkRouter.None, "1")]
    [InlineData(LinkRouter.Ours, "0")]
    [InlineData(LinkRouter.Peers, "2")]
    public void The_system_believes_the_router_of_the_link(object router, string expected)
    {
        using var pair = new NamespacePair();
        var network = new LinkNetwork(IPAddress.Parse("fe80::1"), IPAddress.Parse("fe80::2"), 1400, Router: (LinkRouter)router);
        NetworkNamespace.Make(pair.First, () =>
        {
            RtNetlink.TryOpen(out var netlink).ThrowIfError();
            using (netlink)
                InterfaceAddress.Add(netlink!, "link0", network).ThrowIfError();
            return network;
        });
        Assert.Equal(expected,
            NamespacePair.Run($"ip netns exec {pair.First} cat /proc/sys/net/ipv6/conf/link0/accept_ra").Trim());
        Assert.Contains("fe80::1", NamespacePair.Run($"ip -n {pair.First} -6 addr show dev link0"), StringComparison.Ordinal);
    }

    private sealed class Observer : IPppLinkObserver
    {
        public List<byte> Types { get; } = [];

        public bool OnControlPacket(ReadOnlySpan<byte> packet)
        {
            Types.Add(packet[40]);
            return true;
        }

        public void OnOpened(LinuxError error) => Assert.Fail("not a link");

        public void OnFrame(ReadOnlySpan<byte> frame) => Assert.Fail("not a frame");

        public void OnHangUp() => Assert.Fail("not a link");

        public void OnNetworkAdded(LinkNetwork network, LinuxError error) => Assert.Fail("not a link");

        public void OnRouteAdded(IPNetwork destination, LinuxError error) => Assert.Fail("not a link");

        public void OnRouteRefused(LinuxError error) => Assert.Fail("not a link");

        public void OnCounters(SessionCounters? counters) => Assert.Fail("not a link");

        public void OnClosed() => Assert.Fail("not a link");
    }
}
