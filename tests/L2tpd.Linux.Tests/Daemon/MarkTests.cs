using System.Net;
using L2tpd.Control;
using L2tpd.Linux.Sockets;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// <c>marks</c> of a listener: two clients with one address, port and tunnel id, apart by the mark alone, without a rule that translates
/// anything. In place of the marks of security associations, which need ESP, the interface gives the mark. Needs root.
/// </summary>
public sealed class MarkTests
{
    private const string Us = SameAddressClients.Us, Lns = "10.99.0.1";

    [Fact]
    public async Task Two_clients_with_one_address_port_and_tunnel_id_have_a_session_each_with_data_of_its_own()
    {
        using var world = new SameAddressClients();
        world.Nft(
            $"table ip marks {{\n chain in {{\n  type filter hook prerouting priority -310\n  {SameAddressClients.Marks()}\n }}\n}}\n");
        using var daemon = DaemonProcess.Start($$"""
            data-plane: userspace
            listen: { address: {{Us}}, ipsec: preferred, marks: true }
            peers:
              any:
                secret: s
                lns:
                  ppp: { backend: built-in, local: {{Lns}}, pool: 10.99.0.10-10.99.0.19, auth: pap, users: { u: { password: p } } }
            """, networkNamespace: world.Server);
        using var first = ScriptedLac.Connect(world.Names[0], Us, "s", sourcePort: 1701);
        using var second = ScriptedLac.Connect(world.Names[1], Us, "s", sourcePort: 1701);
        var subscribers = new[] { new ScriptedSubscriber(first), new ScriptedSubscriber(second) };
        first.Call();
        second.Call();
        foreach (var subscriber in subscribers)
            subscriber.ComeUp("u", "p");
        Assert.Equal(["10.99.0.10", "10.99.0.11"], subscribers.Select(static one => one.Address.ToString()));
        // IPCP is up before the interface of the daemon is.
        daemon.WaitUntil(() => daemon.Lines.Count(static line => line.Contains("network is up on", StringComparison.Ordinal)) == 2, "both");
        for (var number = 1; number <= 20; number++)
        {
            foreach (var subscriber in subscribers)
            {
                subscriber.SendEcho(subscriber.Address, IPAddress.Parse(Lns));
                Assert.True(subscriber.Run(() => subscriber.Answers == number, TimeSpan.FromSeconds(10)), $"answer {number}");
            }
        }

        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var tunnels = (await client.TunnelsAsync(cancellation: CancellationToken.None)).Items;
        Assert.Equal(
            ["0x1 198.51.100.1:1701", "0x2 198.51.100.1:1701"], tunnels.Select(static one => $"{one.IpsecMark} {one.Remote}").Order());
        Assert.All(tunnels, static one => Assert.Equal(0, one.Counters["wrongSource"]));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("127.0.0.1", false)]
    public void A_datagram_leaves_with_the_mark_it_is_given_and_arrives_with_it(string address, bool asks)
    {
        using var receiver = UdpSocket.Open(
            new UdpSocketOptions { Local = SockAddr.From(IPAddress.Parse(address), 0), ReceiveMarks = asks });
        using var sender = UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.From(IPAddress.Parse(address), 0), FwMark = 7 });
        sender.JoinDatagrams();
        using var batch = new SendBatch();
        for (var i = 0; i < 6; i++)
        {
            "octets"u8.CopyTo(batch.Reserve());
            batch.Commit(receiver.LocalAddress, sender.LocalAddress, 0, 6, isJoinable: true, mark: i < 4 ? 0xfedcba98 : 0);
        }

        Assert.True(sender.Send(batch));
        Assert.Equal(0, batch.Failed);
        var marks = new List<uint>();
        using var received = new ReceiveBatch();
        while (marks.Count < 6 && receiver.Receive(received) > 0)
            marks.AddRange(Enumerable.Range(0, received.Count).Select(received.Mark));
        Assert.Equal(asks ? [0xfedcba98, 0xfedcba98, 0xfedcba98, 0xfedcba98, 7, 7] : new uint[6], marks);
    }
}
