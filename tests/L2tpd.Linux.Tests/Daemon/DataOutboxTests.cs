using System.Net;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Data;
using L2tpd.Engine.Effects;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>More sockets with data to send than there are batches, and all of them full.</summary>
public sealed class DataOutboxTests : IDisposable
{
    private const int Batches = 64;

    private readonly LoopRig _rig = new();
    private readonly NamespacePair _pair = new();
    private readonly DataOutbox _outbox = new();
    private readonly PacketPool _pool = new(16, UserspaceDataPlane.LongestPacket);
    private readonly List<Transport> _transports = [];

    public void Dispose()
    {
        _outbox.Dispose();
        foreach (var transport in _transports)
            transport.Dispose();
        _rig.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public void Who_found_no_batch_is_called_when_there_is_one_again()
    {
        // Datagrams to nobody wait for the answer of ARP, in the socket's small buffer, and for minutes.
        NamespacePair.Run($"ip netns exec {_pair.First} sh -ec 'echo 200 > /proc/sys/net/ipv4/neigh/link0/mcast_solicit'");
        var full = Enumerable.Range(0, Batches).Select(i => Make($"192.0.2.{100 + i}")).ToArray();
        foreach (var session in full)
        {
            for (var i = 0; i < 1_000 && !session.IsBlocked; i++)
            {
                session.Send(new byte[1_400]);
                _outbox.FlushAll();
            }

            Assert.True(session.IsBlocked);
        }

        var last = Make("192.0.2.2");
        Assert.False(last.Send([1]));
        Assert.False(last.IsBlocked);
        var called = 0;
        last.WhenWritable(() => called++);
        NamespacePair.Run($"ip -n {_pair.First} neigh replace 192.0.2.100 lladdr 02:00:00:00:00:07 dev link0 nud permanent");
        _rig.RunUntil(() => called > 0, "the one that waits to be called");
        Assert.True(last.Send([1]));
        Assert.False(full[0].IsBlocked);
        Assert.All(full[1..], static session => Assert.True(session.IsBlocked));
        // Once is enough, and an output that has ended is not called.
        _outbox.FlushAll();
        Assert.Equal(1, called);
    }

    private UserspaceSession Make(string peer)
    {
        var number = (uint)_transports.Count + 1;
        var socket = NetworkNamespace.Make(_pair.First, () =>
        {
            UdpSocket.TryOpen(new UdpSocketOptions { Local = SockAddr.From(IPAddress.Any, 0), ReceiveErrors = false, SendBuffer = 1 },
                out var made).ThrowIfError();
            return made!;
        });
        var transport = new Transport((int)number, TransportKind.Own, default, socket,
            new NoEvents()) { Local = socket.LocalAddress.ToEndpoint() };
        transport.Attach(_rig.Events.Register(socket.Descriptor, Readiness.Readable, transport));
        _transports.Add(transport);
        var path = new Path((int)number, transport.Local, Endpoint.From(IPAddress.Parse(peer), 1_701));
        var key = new TunnelKey(new TunnelId(number), 1);
        var tunnel = new UserspaceTunnel(
            key, new TunnelParameters(null!, ProtocolVersion.V2, new(number), new(number), path, null, 0), DataCarrier.Udp,
            new TunnelOutput(_outbox.Take(transport), path, false, 1_500))
        {
            PathMtu = 1_500,
            HasOwnSocket = true,
        };
        return new UserspaceSession(
            new SessionKey(key, new(1), 1),
            new SessionParameters(null!, new(1), new(1), PseudowireType.Ppp, true, false, false, default, null), tunnel, _pool,
            new ReorderWatch(_rig.Timers));
    }

    private sealed class NoEvents : ITransportHandler
    {
        public void OnReadable(Transport transport)
        {
            // Nobody sends.
        }

        public void OnWritable(Transport transport)
        {
            // No control messages wait.
        }

        public void OnErrors(Transport transport)
        {
            // None are asked for.
        }
    }
}
