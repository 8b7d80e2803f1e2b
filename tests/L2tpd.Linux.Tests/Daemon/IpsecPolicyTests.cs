using System.Net;
using System.Net.Sockets;
using L2tpd.Control;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary><c>ipsec: required</c> against clear text: the kernel drops it before the daemon reads it. Needs root.</summary>
public sealed class IpsecPolicyTests
{
    private static readonly byte[] Sccrq =
    [
        0xc8, 2, 0, 57, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 8, 0, 0, 0, 0, 0, 1, 0x80, 8, 0, 0, 0, 2, 1, 0, 0x80, 10, 0, 0, 0, 3, 0, 0, 0, 3,
        0x80, 11, 0, 0, 0, 7, (byte)'c', (byte)'l', (byte)'e', (byte)'a', (byte)'r', 0x80, 8, 0, 0, 0, 9, 0, 1,
    ];

    [Theory]
    [InlineData("\"null\"", "192.0.2.1")]
    [InlineData("userspace", "192.0.2.1")]
    [InlineData("\"null\"", "2001:db8::1")]
    [InlineData("userspace", "2001:db8::1")]
    public async Task Clear_text_gets_no_answer_and_is_counted(string plane, string address)
    {
        using var link = new NamespacePair();
        AddIPv6(link);
        using var daemon = DaemonProcess.Start(
            $"data-plane: {plane}\nlisten: {{ address: \"{Bracketed(address)}\", ipsec: required }}\n"
            + "peers: { any: { lns: { ppp: none } } }\n",
            networkNamespace: link.First);
        using var stranger = Connect(link.Second, address);
        var data = Sccrq.ToArray();
        data[0] = 0x48; // the same without the T bit
        for (var i = 0; i < 5; i++)
            stranger.Send(i == 4 ? data : Sccrq);
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var status = await client.StatusAsync();
        Assert.Equal(5, status.IpsecDrops!.ClearText);
        Assert.Equal((0L, 0), (status.Counters["datagramsReceived"], stranger.Available));
        var counter = Assert.Single((await client.CountersAsync("l2tpd_ipsec")).Items);
        Assert.Equal(5, counter.Samples.Single(static sample => sample.Labels!["reason"] == "clear-text").Value);
    }

    [Fact]
    public async Task A_million_clear_SCCRQs_cost_no_turn_of_the_loop()
    {
        var seed = Seeds.One(_ => { }, 20_261_129);
        using var link = new NamespacePair();
        NamespacePair.Run($"ip -n {link.First} route add default via 192.0.2.2");
        using var daemon = DaemonProcess.Start(
            "data-plane: \"null\"\nlisten: { address: 192.0.2.1, ipsec: required }\npeers: { any: { lns: { ppp: none } } }\n",
            networkNamespace: link.First);
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var before = daemon.ResidentOctets();
        using var flood = new SccrqFlood(link.Second, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1701), seed);
        using var end = new CancellationTokenSource();
        var thread = new Thread(() => flood.Run(1_000_000, end.Token));
        thread.Start();
        SpinWait.SpinUntil(() => flood.Sent >= 1_000_000, TimeSpan.FromMinutes(2));
        end.Cancel();
        thread.Join();
        Assert.True(flood.Sent >= 1_000_000, $"{flood.Sent} sent, seed {seed}");
        daemon.WaitUntil(() => client.StatusAsync().GetAwaiter().GetResult().IpsecDrops!.ClearText >= 1_000_000, "all are counted");
        var status = await client.StatusAsync();
        Assert.Equal(0, status.Counters["datagramsReceived"]);
        Assert.InRange(daemon.ResidentOctets() - before, long.MinValue, 16L << 20);
    }

    [Fact]
    public async Task A_peer_that_requires_IPsec_is_reached_by_a_protected_listener_only()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start("""
            data-plane: "null"
            listen: [192.0.2.1, { address: "192.0.2.1:1702", ipsec: required }]
            peers:
              covered: { ipsec: required, match: { host-name: clear }, lns: { ppp: none } }
            """, networkNamespace: link.First);
        using var stranger = Connect(link.Second, "192.0.2.1");
        stranger.Send(Sccrq);
        var answer = new byte[500];
        stranger.ReceiveTimeout = 20_000;
        var length = stranger.Receive(answer);
        Assert.Equal(4, answer[19]); // StopCCN
        Assert.InRange(length, 20, 500);
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        Assert.Equal(1, (await client.StatusAsync()).Counters["tunnelsRefused"]);
    }

    [Fact]
    public async Task A_tunnel_that_is_dialled_takes_no_answer_in_clear_text()
    {
        using var link = new NamespacePair();
        using var lns = NetworkNamespace.Make(link.Second, static () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
            socket.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 1701));
            return socket;
        });
        using var daemon = DaemonProcess.Start("""
            data-plane: "null"
            tunnels: { t: { lns: 192.0.2.2, ipsec: required } }
            """, networkNamespace: link.First);
        var request = new byte[1_500];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        _ = lns.ReceiveFrom(request, ref from);
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        lns.SendTo(Sccrq, from);
        StatusView status;
        for (var i = 0; (status = await client.StatusAsync()).IpsecDrops!.ClearText != 1; i++)
        {
            Assert.True(i < 400, "the answer is not dropped within 20 s");
            await Task.Delay(50);
        }

        Assert.Equal(0, status.Counters["datagramsReceived"]);
    }

    [Fact]
    public async Task A_tunnel_says_whether_it_is_in_IPsec()
    {
        using var link = new NamespacePair();
        // Silent: a closed port would be answered by ICMP, which ends the attempt.
        using var lns = NetworkNamespace.Make(link.Second, static () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 1701));
            return socket;
        });
        using var daemon = DaemonProcess.Start("""
            data-plane: "null"
            tunnels:
              covered: { lns: 192.0.2.2, ipsec: required, timers: { retransmit-initial: 8s } }
              plain: { lns: 192.0.2.2, source-port: 1701, local-address: 192.0.2.1, timers: { retransmit-initial: 8s } }
            """, networkNamespace: link.First);
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        daemon.WaitFor("Tunnel plain: dialling");
        daemon.WaitFor("Tunnel covered: dialling");
        Assert.Equal("required", (await client.TunnelAsync("covered")).Ipsec);
        Assert.Equal("none", (await client.TunnelAsync("plain")).Ipsec);
        NamespacePair.Run($"ip -n {link.First} xfrm policy add src 192.0.2.2 dst 192.0.2.1 proto udp dport 1701 dir in "
            + "tmpl proto esp mode transport");
        Assert.Equal("policy", (await client.TunnelAsync("plain")).Ipsec);
    }

    [Fact]
    public void Without_the_capability_the_daemon_does_not_start_and_names_it()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(
            "data-plane: \"null\"\nlisten: { address: 192.0.2.1, ipsec: required }\npeers: { any: { lns: { ppp: none } } }\n",
            waitFor: null, shellPrefix: $"exec ip netns exec {link.First} setpriv --bounding-set=-net_admin,-sys_admin sh -c '\"$@\"' sh",
            arguments: "--config");
        Assert.NotEqual(0, daemon.WaitForExit());
        Assert.Contains("with 'ipsec: required': the kernel may not be told to drop what does not come out of IPsec: run as root or with "
            + "CAP_NET_ADMIN", daemon.Output, StringComparison.Ordinal);
    }

    private static string Bracketed(string address) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    private static void AddIPv6(NamespacePair link) => NamespacePair.Run(
        $"ip -n {link.First} addr add 2001:db8::1/64 dev link0 nodad; ip -n {link.Second} addr add 2001:db8::2/64 dev link0 nodad");

    private static Socket Connect(string networkNamespace, string address)
    {
        var target = IPAddress.Parse(address);
        var socket = NetworkNamespace.Make(networkNamespace, () =>
            new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(target, 1701);
        return socket;
    }
}
