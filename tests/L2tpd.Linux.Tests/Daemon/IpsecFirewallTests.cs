using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using L2tpd.Linux.Sockets;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// config/nftables/l2tp-ipsec.nft, loaded by nft and attacked from the Internet side and by a subscriber. What comes out of ESP is in the
/// kernel scenarios. Needs root.
/// </summary>
public sealed partial class IpsecFirewallTests
{
    [Fact]
    public void From_the_Internet_only_IKE_ESP_and_administration_are_open()
    {
        using var link = new NamespacePair();
        Load(link.First);
        var inside = IPAddress.Parse("192.0.2.1");
        Assert.True(Arrives(link, 500));
        Assert.True(Arrives(link, 4500));
        Assert.False(Arrives(link, 1701));
        Assert.False(Arrives(link, 53));
        Assert.Equal(1, Dropped(link.First, "udp dport 1701 meta ipsec missing"));
        using var raw = NetworkNamespace.Make(link.Second, () =>
        {
            RawL2tpSocket.TryOpen(SockAddr.From(IPAddress.Parse("192.0.2.2"), 0), SockAddr.From(inside, 0), default, 0, out var socket)
                .ThrowIfError();
            return socket!;
        });
        using var sending = new SendBatch();
        Assert.True(sending.TryAdd(SockAddr.None, SockAddr.None, 0, new byte[16]));
        Assert.True(raw.Send(sending));
        Assert.Equal(1, Dropped(link.First, "meta l4proto l2tp meta ipsec missing"));
        NamespacePair.Ping(link.Second, "192.0.2.1");
        Assert.True(Connects(link.First, link.Second, inside, 22));
        Assert.False(Connects(link.First, link.Second, inside, 8080));
    }

    [Fact]
    public void A_datagram_that_seems_to_belong_to_a_connection_of_ours_is_dropped_all_the_same()
    {
        using var link = new NamespacePair();
        Load(link.First);
        using var ours = Bound(link.First, "192.0.2.1", 1701);
        using var theirs = Bound(link.Second, "192.0.2.2", 1701);
        // Our answer in clear text does not leave: sendto says EPERM, and the connection tracking learns nothing.
        Assert.Throws<SocketException>(() => ours.SendTo(new byte[20], theirs.LocalEndPoint!));
        Assert.Equal(1, Dropped(link.First, "udp sport 1701 rt ipsec missing"));
        theirs.SendTo(new byte[20], ours.LocalEndPoint!);
        Assert.Equal((0, 0), (ours.Available, theirs.Available));
    }

    [Fact]
    public void A_closed_port_is_not_answered_in_clear_text()
    {
        using var link = new NamespacePair();
        Load(link.First);
        using var theirs = Bound(link.Second, "192.0.2.2", 0);
        theirs.Connect(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 500));
        theirs.Send(new byte[20]);
        theirs.Send(new byte[20]); // an ICMP error would make this one fail
        Assert.Equal(2, Dropped(link.First, "icmp type destination-unreachable icmp code port-unreachable"));
    }

    [Fact]
    public void A_subscriber_reaches_the_Internet_behind_our_address_and_neither_this_host_nor_other_subscribers()
    {
        using var link = new NamespacePair();
        Load(link.First);
        using var subscriber = new Subscriber(link, 0);
        using var other = new Subscriber(link, 1);
        NamespacePair.Run($"ip netns exec {link.First} sysctl -qw net.ipv4.ip_forward=1");
        using var server = Bound(link.Second, "192.0.2.2", 7000);
        using var client = Bound(subscriber.Namespace, subscriber.Address, 0);
        client.SendTo(new byte[8], server.LocalEndPoint!);
        server.ReceiveTimeout = 20_000;
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        server.ReceiveFrom(new byte[100], ref from);
        Assert.Equal("192.0.2.1", ((IPEndPoint)from).Address.ToString());
        server.SendTo(new byte[8], from);
        client.ReceiveTimeout = 20_000;
        Assert.Equal(8, client.Receive(new byte[100]));

        NamespacePair.Ping(subscriber.Namespace, "10.99.0.1");
        Assert.False(Connects(link.First, subscriber.Namespace, IPAddress.Parse("192.0.2.1"), 22));
        Assert.False(Connects(link.First, subscriber.Namespace, IPAddress.Parse("10.99.0.1"), 8080));
        Assert.False(Connects(other.Namespace, subscriber.Namespace, IPAddress.Parse(other.Address), 22));
        Assert.True(Dropped(link.First, "iifname \"ppp*\" oifname \"ppp*\"") > 0);
        // Neither with another source address, nor does anybody outside reach a subscriber unasked.
        NamespacePair.Run($"ip -n {subscriber.Namespace} addr add 192.0.2.77/32 dev up0");
        using var forged = Bound(subscriber.Namespace, "192.0.2.77", 0);
        forged.SendTo(new byte[8], server.LocalEndPoint!);
        Assert.Equal(1, Dropped(link.First, "ip saddr != 10.99.0.0/16"));
        NamespacePair.Run($"ip -n {link.Second} route add 10.99.0.0/16 via 192.0.2.1");
        server.SendTo(new byte[8], client.LocalEndPoint!);
        Assert.Equal(1, Dropped(link.First, "iifname \"link0\" oifname \"ppp*\""));
        Assert.Equal((0, 0), (server.Available, client.Available));
    }

    // With the interface of the test as the Internet.
    private static void Load(string networkNamespace)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, RepositoryFiles.Text("config/nftables/l2tp-ipsec.nft").Replace(
            "define WAN = eth0", "define WAN = link0", StringComparison.Ordinal));
        // Twice: it replaces itself.
        NamespacePair.Run($"ip netns exec {networkNamespace} nft -f {file}; ip netns exec {networkNamespace} nft -f {file}; rm {file}");
    }

    private static Socket Bound(string networkNamespace, string address, int port)
    {
        var socket = NetworkNamespace.Make(networkNamespace, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        return socket;
    }

    // The link delivers before send returns.
    private static bool Arrives(NamespacePair link, int port)
    {
        using var ours = Bound(link.First, "192.0.2.1", port);
        using var theirs = Bound(link.Second, "192.0.2.2", 0);
        theirs.SendTo(new byte[20], ours.LocalEndPoint!);
        return SpinWait.SpinUntil(() => ours.Available > 0, TimeSpan.FromMilliseconds(200));
    }

    private static bool Connects(string server, string client, IPAddress address, int port)
    {
        using var listener = NetworkNamespace.Make(server, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen();
        using var socket = NetworkNamespace.Make(client, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            return socket.ConnectAsync(address, port).Wait(TimeSpan.FromMilliseconds(500));
        }
        catch (AggregateException)
        {
            return false;
        }
    }

    private static long Dropped(string networkNamespace, string rule)
    {
        var table = NamespacePair.Run($"ip netns exec {networkNamespace} nft list table inet l2tp_ipsec");
        var line = Assert.Single(table.Split('\n'), line => line.Contains(rule, StringComparison.Ordinal)
            && line.TrimEnd().EndsWith("drop", StringComparison.Ordinal));
        return long.Parse(Packets().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"counter packets (\d+)")]
    private static partial Regex Packets();

    /// <summary>A namespace behind an interface of the concentrator that has the name of a PPP interface.</summary>
    private sealed class Subscriber : IDisposable
    {
        public Subscriber(NamespacePair link, int number)
        {
            Namespace = $"{link.First}-s{number}";
            Address = $"10.99.{number}.2";
            NamespacePair.Run($"ip netns add {Namespace}; "
                + $"ip link add ppp{number} netns {link.First} type veth peer name up0 netns {Namespace}; "
                + $"ip -n {link.First} addr add 10.99.{number}.1/24 dev ppp{number}; ip -n {link.First} link set ppp{number} up; "
                + $"ip -n {Namespace} addr add {Address}/24 dev up0; ip -n {Namespace} link set up0 up; "
                + $"ip -n {Namespace} route add default via 10.99.{number}.1");
        }

        public string Namespace { get; }

        public string Address { get; }

        public void Dispose() => NamespacePair.Run($"ip netns del {Namespace}");
    }
}
