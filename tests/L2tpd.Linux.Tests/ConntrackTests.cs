using System.Net;
using System.Net.Sockets;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests;

/// <summary>A translated port is traced back to the sender's and its mark by the kernel's connection tracking. Needs root.</summary>
public sealed class ConntrackTests
{
    [Fact]
    public void A_translated_port_gives_the_senders_own_port_and_the_mark()
    {
        using var link = new NamespacePair();
        NamespacePair.Run($$"""
            ip netns exec {{link.First}} nft -f - <<'END'
            table ip t {
             chain marks { type filter hook input priority -150; udp dport 1701 ct mark set 0x4711; }
             chain addresses { type nat hook input priority 100; udp dport 1701 snat to :20000-60000 fully-random; }
            }
            END
            """);
        using var ours = Bound(link.First, "192.0.2.1");
        using var client = Bound(link.Second, "192.0.2.2");
        client.SendTo([1], new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1701));
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        ours.ReceiveFrom(new byte[10], ref from);
        var seen = (IPEndPoint)from;
        Assert.InRange(seen.Port, 20_000, 60_000);
        var local = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1701);
        NetworkNamespace.Make(link.First, () =>
        {
            var error = Conntrack.TryFind(local, seen, out var entry);
            Assert.True(error.IsNone, error.ToString());
            Assert.Equal(new ConntrackEntry(1701, 0x4711), entry);
            Assert.Equal(Errno.ENOENT, Conntrack.TryFind(local, new IPEndPoint(seen.Address, seen.Port ^ 1), out entry).Errno);
            Assert.Equal(default, entry);
            Assert.False(Conntrack.TryFind(new IPEndPoint(IPAddress.IPv6Loopback, 1), seen, out _).IsNone);
            return link;
        });
    }

    private static Socket Bound(string networkNamespace, string address)
    {
        var socket = NetworkNamespace.Make(networkNamespace, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 });
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 1701));
        return socket;
    }
}
