using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Ipsec;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// The nftables table of <c>nat-zones</c> with two clients of one address and port. In place of the marks of security associations, which
/// need ESP, the interface gives the mark; all other rules are those of the daemon. Needs root.
/// </summary>
public sealed class NatZoneTests
{
    private const string Us = SameAddressClients.Us, Nat = SameAddressClients.Nat;

    [Fact]
    public void Two_clients_with_one_address_and_port_have_a_port_each_and_get_their_own_answers()
    {
        using var world = new SameAddressClients();
        Load(world);
        using var ours = Bound(world.Server, Us);
        using var first = Bound(world.Names[0], Nat);
        using var second = Bound(world.Names[1], Nat);
        var target = new IPEndPoint(IPAddress.Parse(Us), 1701);
        var ends = new List<EndPoint>();
        foreach (var client in new[] { first, second })
        {
            client.SendTo([0], target);
            ends.Add(Receive(ours).From);
        }

        Assert.Equal([Nat, Nat], ends.Select(static end => ((IPEndPoint)end).Address.ToString()));
        Assert.All(ends, static end => Assert.InRange(((IPEndPoint)end).Port, 20_000, 60_000));
        Assert.NotEqual(ends[0], ends[1]);
        for (byte number = 1; number <= 50; number++)
        {
            first.SendTo([1, number], target);
            second.SendTo([2, number], target);
            ours.SendTo([1, number], ends[0]);
            ours.SendTo([2, number], ends[1]);
        }

        var received = Enumerable.Range(0, 100).Select(_ => Receive(ours)).ToArray();
        Assert.All(received, one => Assert.Equal(ends[one.Octets[0] - 1], one.From));
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal((1, 2), (Receive(first).Octets[0], Receive(second).Octets[0])));
        Assert.Equal((0, 0, 0), (ours.Available, first.Available, second.Available));
    }

    [Fact]
    public void What_has_no_mark_yet_is_dropped_until_its_association_is_known()
    {
        using var world = new SameAddressClients();
        Load(world, marked: 1);
        using var ours = Bound(world.Server, Us);
        using var first = Bound(world.Names[0], Nat);
        using var second = Bound(world.Names[1], Nat);
        second.SendTo([2], new IPEndPoint(IPAddress.Parse(Us), 1701));
        first.SendTo([1], new IPEndPoint(IPAddress.Parse(Us), 1701));
        Assert.Equal(1, Receive(ours).Octets[0]);
        Assert.Equal(0, ours.Available);
        Assert.Contains("counter packets 1 bytes", NamespacePair.Run($"ip netns exec {world.Server} nft list table {NatZoneRules.Table}"));
    }

    [Fact]
    public void A_port_that_another_client_has_got_changes_its_mark_in_the_kernel()
    {
        using var world = new SameAddressClients();
        ImmutableArray<Listener> listeners = [new Listener(IPAddress.Parse(Us)) { NatZones = true }];
        var rules = new NatZoneRules(listeners);
        XfrmAssociation Outbound(uint mark) => new(IPAddress.Parse(Us), IPAddress.Parse(Nat), mark, mark, mark, 4500, 4501);
        string Ports() => NamespacePair.Run($"ip netns exec {world.Server} nft list map {NatZoneRules.Table} ports");
        world.Nft(NatZoneRules.Script(listeners) + rules.Update([Outbound(1)]));
        world.Nft(rules.Update([Outbound(2), Outbound(1)]));
        Assert.Contains($"{Nat} . 4501 : 0x00000002 }}", Ports());
        world.Nft(rules.Update([Outbound(1)]));
        Assert.Contains($"{Nat} . 4501 : 0x00000001 }}", Ports());
        rules.Forget();
        world.Nft(rules.Update([Outbound(2), Outbound(1)]));
        Assert.Contains($"{Nat} . 4501 : 0x00000002 }}", Ports());
    }

    [Fact]
    public void A_table_that_was_flushed_is_there_again_some_seconds_after_the_next_change()
    {
        using var link = new NamespacePair();
        // Threads and programs that it starts are in that namespace too.
        NetworkNamespace.Make(link.First, () => FollowAssociations(link));
    }

    // Associations without keys, as IKE makes them before it has keys: they need no ESP of the kernel.
    private static NamespacePair FollowAssociations(NamespacePair link)
    {
        NamespacePair.Run("sysctl -qw net.core.xfrm_acq_expires=3600");
        AddAssociations(1);
        using var rig = new LoopRig();
        NatZones.TryStart(
            [new Listener(IPAddress.Parse(Us)) { NatZones = true }], rig.Events, rig.Timers, rig.Faults, rig, out var zones).ThrowIfError();
        using (zones)
        {
            rig.RunUntil(static () => Lists("1 : 0x00000001"), "the element of the first client");
            NamespacePair.Run("nft flush ruleset");
            AddAssociations(2);
            RemoveAssociation(1);
            rig.RunUntil(() => Logged(rig, "Warning").Length > 0, "the warning");
            rig.RunUntil(() => Logged(rig, "Information").Length > 0, "the next try");
            Assert.True(Lists("2 : 0x00000002"));
            Assert.False(Lists("1 : 0x00000001"));
            Assert.Contains("tries again every 5 s", Assert.Single(Logged(rig, "Warning")));
            AddAssociations(3);
            RemoveAssociation(2);
            rig.RunUntil(static () => Lists("3 : 0x00000003"), "the element of the third client");
            Assert.Equal(2, rig.Lines.Count);
        }

        Assert.Equal("", NamespacePair.Run("nft list ruleset"));
        return link;
    }

    // The kernel reports none of these, but their removal.
    private static void AddAssociations(int number) => NamespacePair.Run(
        $"ip xfrm state allocspi src {Nat} dst {Us} proto esp mode transport reqid {number} min {number} max {number} > /dev/null; "
        + $"ip xfrm state allocspi src {Us} dst {Nat} proto esp mode transport reqid {number} mark {number} "
        + $"min {number + 1000} max {number + 1000} > /dev/null");

    private static void RemoveAssociation(int number) =>
        NamespacePair.Run($"ip xfrm state delete src {Us} dst {Nat} proto esp spi {number + 1000} mark {number}");

    private static bool Lists(string element) => NamespacePair.Run("nft list ruleset").Contains(element, StringComparison.Ordinal);

    private static string[] Logged(LoopRig rig, string level)
    {
        lock (rig.Lines)
            return [.. rig.Lines.Where(line => line.StartsWith(level, StringComparison.Ordinal))];
    }

    private static void Load(SameAddressClients world, int marked = 2)
    {
        var script = NatZoneRules.Script([new Listener(IPAddress.Parse(Us)) { NatZones = true }])
            .Replace(" meta secpath exists", "", StringComparison.Ordinal)
            .Replace(
                "udp dport 4500 meta mark set ip saddr . udp sport map @ports", SameAddressClients.Marks(marked), StringComparison.Ordinal);
        world.Nft(script + $"add element {NatZoneRules.Table} zones {{ 1 : 1 }}\nadd element {NatZoneRules.Table} zones {{ 2 : 2 }}\n");
    }

    private static Socket Bound(string networkNamespace, string address)
    {
        var socket = NetworkNamespace.Make(networkNamespace, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 });
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 1701));
        return socket;
    }

    private static (byte[] Octets, EndPoint From) Receive(Socket socket)
    {
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        var octets = new byte[100];
        var length = socket.ReceiveFrom(octets, ref from);
        return (octets[..length], from);
    }
}
