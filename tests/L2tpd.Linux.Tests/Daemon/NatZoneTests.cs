using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
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
