using System.Net;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Tests;

public sealed class UdpSocketTests : IDisposable
{
    private readonly ReceiveBatch _received = new();
    private readonly SendBatch _sending = new();

    public void Dispose()
    {
        _received.Dispose();
        _sending.Dispose();
    }

    private static SockAddr At(string address, int port = 0) => SockAddr.From(IPAddress.Parse(address), port);

    private static UdpSocket Open(SockAddr local, SockAddr remote = default) =>
        UdpSocket.Open(new UdpSocketOptions { Local = local, Remote = remote });

    private bool Send(UdpSocket socket, SockAddr to, SockAddr from, params byte[] payload)
    {
        _sending.Clear();
        Assert.True(_sending.TryAdd(to, from, 0, payload));
        Assert.True(socket.Send(_sending));
        return _sending.Failed == 0;
    }

    /// <summary>Loopback delivers before send returns, ICMP errors too. The wait is for machines where it does not.</summary>
    private static bool Await(UdpSocket socket, Readiness readiness)
    {
        using var loop = new EventLoop();
        var seen = Readiness.None;
        using var registration = loop.Register(socket.Descriptor, readiness, new Sink(ready => seen |= ready));
        var end = MonotonicClock.NowMilliseconds + 5_000;
        while ((seen & readiness) == 0 && MonotonicClock.NowMilliseconds < end)
            loop.RunOnce(end);
        return (seen & readiness) != 0;
    }

    private sealed class Sink(Action<Readiness> onReady) : IReadinessHandler
    {
        public void OnReady(Readiness readiness) => onReady(readiness);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.2", "127.0.0.1")]
    [InlineData("::", "::1", "::1")]
    public void Replies_leave_from_the_address_spoken_to(string listen, string spokenTo, string client)
    {
        using var server = Open(At(listen));
        var serverAddress = At(spokenTo, server.LocalAddress.Port);
        using var peer = Open(At(client));
        Assert.True(Send(peer, serverAddress, SockAddr.None, 1, 2, 3));
        Assert.True(Await(server, Readiness.Readable));
        Assert.Equal(1, server.Receive(_received));
        Assert.Equal(new byte[] { 1, 2, 3 }, _received.Payload(0).ToArray());
        Assert.Equal(peer.LocalAddress, _received.Source(0));
        Assert.Equal(serverAddress, _received.Destination(0));
        Assert.Equal(1u, _received.InterfaceIndex(0));
        Assert.False(_received.IsTruncated(0));
        Assert.True(Send(server, _received.Source(0), _received.Destination(0), 4));
        Assert.True(Await(peer, Readiness.Readable));
        Assert.Equal(1, peer.Receive(_received));
        Assert.Equal(serverAddress, _received.Source(0));
    }

    [Fact]
    public void Batches_of_many_keep_order_and_content()
    {
        using var server = Open(At("127.0.0.1"));
        using var peer = Open(At("127.0.0.1"));
        for (var i = 0; i < SendBatch.MaximumCapacity; i++)
            Assert.True(_sending.TryAdd(server.LocalAddress, SockAddr.None, 0, [(byte)i, .. new byte[i * 20]]));
        Assert.True(_sending.IsFull);
        Assert.False(_sending.TryAdd(server.LocalAddress, SockAddr.None, 0, [1]));
        Assert.True(peer.Send(_sending));
        Assert.Equal((64, 64, 0), (_sending.Count, _sending.Done, _sending.Failed));
        using var small = new ReceiveBatch(10);
        var next = 0;
        while (small.Capacity > 0 && server.Receive(small) is > 0 and var count)
        {
            Assert.Equal(Math.Min(10, 64 - next), count);
            for (var i = 0; i < count; i++, next++)
            {
                Assert.Equal(1 + (next * 20), small.Payload(i).Length);
                Assert.Equal(next, small.Payload(i)[0]);
                Assert.Equal(peer.LocalAddress, small.Source(i));
            }
        }

        Assert.Equal(64, next);
        Assert.Equal(0, server.Receive(small));
        Assert.Throws<ArgumentOutOfRangeException>(() => small.Source(0));
    }

    [Fact]
    public void A_batch_is_clean_after_clear()
    {
        using var one = Open(At("127.0.0.1"));
        using var two = Open(At("127.0.0.1"));
        using var server = Open(At("0.0.0.0"));
        Assert.True(Send(server, one.LocalAddress, At("127.0.0.3"), 1, 2, 3, 4));
        // The same slot, without a source and shorter.
        Assert.True(Send(server, two.LocalAddress, SockAddr.None, 5));
        Assert.Equal(1, one.Receive(_received));
        Assert.Equal("127.0.0.3", _received.Source(0).ToIPAddress().ToString());
        Assert.Equal(1, two.Receive(_received));
        Assert.Equal("127.0.0.1", _received.Source(0).ToIPAddress().ToString());
        Assert.Equal(new byte[] { 5 }, _received.Payload(0).ToArray());
    }

    [Fact]
    public void Long_datagrams_are_refused_or_cut_and_say_so()
    {
        using var server = Open(At("127.0.0.1"));
        Assert.False(_sending.TryAdd(server.LocalAddress, SockAddr.None, 0, new byte[_sending.BufferSize + 1]));
        using var plain = new System.Net.Sockets.UdpClient("127.0.0.1", server.LocalAddress.Port);
        plain.Send(new byte[3000]);
        plain.Send(new byte[_received.BufferSize]);
        plain.Send([]);
        Assert.Equal(3, server.Receive(_received));
        Assert.True(_received.IsTruncated(0));
        Assert.Equal(_received.BufferSize, _received.Payload(0).Length);
        Assert.False(_received.IsTruncated(1));
        Assert.Equal(_received.BufferSize, _received.Payload(1).Length);
        Assert.Equal(0, _received.Payload(2).Length);
    }

    [Fact]
    public void One_refused_datagram_does_not_stop_the_others()
    {
        using var server = Open(At("127.0.0.1"));
        using var sender = Open(At("127.0.0.1"));
        Assert.True(_sending.TryAdd(server.LocalAddress, SockAddr.None, 0, [1]));
        // An address that this host does not have, and a family that the socket does not have.
        Assert.True(_sending.TryAdd(server.LocalAddress, At("192.0.2.77"), 0, [2]));
        Assert.True(_sending.TryAdd(At("::1", 9), SockAddr.None, 0, [3]));
        Assert.True(_sending.TryAdd(server.LocalAddress, SockAddr.None, 0, [4]));
        Assert.True(sender.Send(_sending));
        Assert.Equal((4, 2), (_sending.Done, _sending.Failed));
        Assert.Equal((0, Errno.EAFNOSUPPORT, 0), (_sending.ErrorOf(0), _sending.ErrorOf(2), _sending.ErrorOf(3)));
        // EINVAL or ENETUNREACH: depends on the routes.
        Assert.NotEqual(0, _sending.ErrorOf(1));
        Assert.Equal(At("::1", 9), _sending.Destination(2));
        Assert.Equal(2, server.Receive(_received));
        Assert.Equal(new byte[] { 4 }, _received.Payload(1).ToArray());
    }

    [Fact]
    public void Connected_socket_takes_its_peers_datagrams_and_the_listener_the_rest()
    {
        using var listener = UdpSocket.Open(new UdpSocketOptions { Local = At("0.0.0.0"), SharePort = true, IsListener = true });
        var port = listener.LocalAddress.Port;
        using var peer = Open(At("127.0.0.1"));
        using var other = Open(At("127.0.0.1"));
        var options = new UdpSocketOptions { Local = At("127.0.0.1", port), Remote = peer.LocalAddress, SharePort = true };
        using var tunnel = UdpSocket.Open(options);
        Assert.True(Send(peer, At("127.0.0.1", port), SockAddr.None, 1));
        Assert.True(Send(other, At("127.0.0.1", port), SockAddr.None, 2));
        Assert.True(Send(tunnel, SockAddr.None, SockAddr.None, 3));
        Assert.Equal(1, tunnel.Receive(_received));
        Assert.Equal(peer.LocalAddress, _received.Source(0));
        Assert.Equal(At("127.0.0.1", port), _received.Destination(0));
        Assert.Equal(1, listener.Receive(_received) + tunnel.Receive(new ReceiveBatch(1)));
        Assert.Equal(1, peer.Receive(_received));
        Assert.Equal(At("127.0.0.1", port), _received.Source(0));
    }

    [Theory]
    [InlineData("127.0.0.1", false, 3, 3)]
    [InlineData("127.0.0.1", true, 3, 3)]
    [InlineData("::1", false, 1, 4)]
    [InlineData("::1", true, 1, 4)]
    public void Port_unreachable_names_the_peer(string address, bool connected, int type, int code)
    {
        SockAddr gone;
        using (var closed = Open(At(address)))
            gone = closed.LocalAddress;
        using var socket = Open(At(address), connected ? gone : default);
        using var alive = Open(At(address));
        Assert.True(Send(socket, connected ? SockAddr.None : gone, SockAddr.None, 1));
        Assert.True(Await(socket, Readiness.Error));
        Assert.True(socket.TryReadError(out var error));
        Assert.Equal(
            (Errno.ECONNREFUSED, gone, (byte)type, (byte)code, false),
            (error.Errno, error.Peer, error.IcmpType, error.IcmpCode, error.IsLocal));
        Assert.Equal(gone.ToIPAddress(), error.Reporter.ToIPAddress());
        Assert.False(socket.TryReadError(out _));
        Assert.Equal(0, socket.Receive(_received));
    }

    [Fact]
    public void An_older_datagrams_error_does_not_cost_the_next_one()
    {
        SockAddr gone;
        using (var closed = Open(At("127.0.0.1")))
            gone = closed.LocalAddress;
        using var alive = Open(At("127.0.0.1"));
        using var socket = Open(At("127.0.0.1"));
        Assert.True(Send(socket, gone, SockAddr.None, 1));
        Assert.True(Await(socket, Readiness.Error));
        // The kernel returns the pending ECONNREFUSED for the next send and sends nothing; the batch sends again.
        Assert.True(Send(socket, alive.LocalAddress, SockAddr.None, 2));
        Assert.Equal(1, alive.Receive(_received));
        Assert.True(socket.TryReadError(out var error));
        Assert.Equal(gone, error.Peer);
    }

    [Fact]
    public void Pending_error_is_told_by_receive_once_and_datagrams_behind_it_are_not_lost()
    {
        SockAddr gone;
        using (var closed = Open(At("127.0.0.1")))
            gone = closed.LocalAddress;
        using var socket = Open(At("127.0.0.1"));
        using var peer = Open(At("127.0.0.1"));
        Assert.True(Send(socket, gone, SockAddr.None, 1));
        Assert.True(Await(socket, Readiness.Error));
        Assert.True(Send(peer, socket.LocalAddress, SockAddr.None, 7));
        Assert.Equal(-Errno.ECONNREFUSED, socket.Receive(_received));
        Assert.Equal(1, socket.Receive(_received));
    }

    [Fact]
    public void A_full_socket_goes_on_where_it_stopped()
    {
        // Loopback never blocks a UDP sender. Datagrams that wait for ARP do: they count against the send buffer.
        Assert.Equal(LinuxError.None, TunTap.TryOpen("l2t-full%d", tap: true, offloads: false, out var tap));
        using var device = tap!;
        Assert.Equal(LinuxError.None, Netlink.RtNetlink.TryOpen(out var route));
        using var netlink = route!;
        Assert.Equal(LinuxError.None, netlink.AddAddress(device.Name, IPAddress.Parse("198.18.77.1"), 24));
        Assert.Equal(LinuxError.None, netlink.SetLink(device.Name, up: true, mtu: null));
        using var socket = UdpSocket.Open(new UdpSocketOptions { Local = At("198.18.77.1"), SendBuffer = 4608 });
        for (var i = 0; i < SendBatch.MaximumCapacity; i++)
            Assert.True(_sending.TryAdd(At("198.18.77.2", 9), SockAddr.None, 0, [(byte)i, .. new byte[1000]]));
        Assert.False(socket.Send(_sending));
        Assert.InRange(_sending.Done, 1, 63);
        Assert.Equal(0, _sending.Failed);
        var next = 0;
        var end = MonotonicClock.NowMilliseconds + 10_000;
        while (next < 64 && MonotonicClock.NowMilliseconds < end)
        {
            ServeEthernet(device, ref next);
            socket.Send(_sending);
        }

        Assert.Equal((64, 0, 64), (_sending.Done, _sending.Failed, next));
    }

    /// <summary>Plays 198.18.77.2: answers ARP, counts the datagrams.</summary>
    private static void ServeEthernet(TunTap device, ref int next)
    {
        const int ethernet = 14;
        var frame = new byte[2048];
        while (device.Read(frame) is > 0 and var length)
        {
            if (frame[12] == 8 && frame[13] == 6)
                Assert.Equal(0, device.Write(default, ArpReply(frame)));
            else if (length == ethernet + 20 + 8 + 1001 && frame[12] == 8 && frame[13] == 0)
                Assert.Equal(next++, frame[ethernet + 28]);
        }
    }

    private static byte[] ArpReply(byte[] request)
    {
        var reply = request[..42];
        byte[] ours = [2, 0, 0, 0, 0, 2];
        request.AsSpan(6, 6).CopyTo(reply);
        ours.CopyTo(reply, 6);
        reply[21] = 2;
        ours.CopyTo(reply, 22);
        request.AsSpan(38, 4).CopyTo(reply.AsSpan(28));
        request.AsSpan(22, 10).CopyTo(reply.AsSpan(32));
        return reply;
    }

    [Fact]
    public void What_cannot_be_opened_is_a_value()
    {
        using var held = UdpSocket.Open(new UdpSocketOptions { Local = At("127.0.0.1") });
        Descriptors.AssertNoneLeft(() => Fail(new UdpSocketOptions { Local = held.LocalAddress }));
        Descriptors.AssertNoneLeft(() => Fail(new UdpSocketOptions { Local = At("127.0.0.1"), BindDevice = "nosuch0" }));
        Assert.Equal(
            $"bind {held.LocalAddress}: EADDRINUSE (Address already in use)", Fail(new UdpSocketOptions { Local = held.LocalAddress }));
        FailsWith("bind 192.0.2.77:0: EADDRNOTAVAIL", new UdpSocketOptions { Local = At("192.0.2.77") });
        FailsWith(
            "setsockopt SO_BINDTODEVICE nosuch0: ENODEV", new UdpSocketOptions { Local = At("127.0.0.1"), BindDevice = "nosuch0" });
        FailsWith("socket UDP without", new UdpSocketOptions { Local = SockAddr.None });
        FailsWith("connect [::1]:9", new UdpSocketOptions { Local = At("127.0.0.1"), Remote = At("::1", 9) });
        Assert.Throws<LinuxException>(() => UdpSocket.Open(new UdpSocketOptions { Local = held.LocalAddress }));

        static void FailsWith(string start, UdpSocketOptions options) => Assert.StartsWith(start, Fail(options), StringComparison.Ordinal);

        static string Fail(UdpSocketOptions options)
        {
            var error = UdpSocket.TryOpen(options, out var socket);
            Assert.Null(socket);
            return error.ToString();
        }
    }

    [Fact]
    public void Options_take_effect()
    {
        using var socket = UdpSocket.Open(new UdpSocketOptions
        {
            Local = At("127.0.0.1"),
            BindDevice = "lo",
            FwMark = 0x10,
            ReceiveBuffer = 4 * 1024 * 1024,
            SendBuffer = 65536,
            SharePort = true,
        });
        Assert.Equal(8 * 1024 * 1024, socket.ReceiveBuffer);
        using var without = UdpSocket.Open(new UdpSocketOptions { Local = At("127.0.0.1"), PacketInfo = false });
        Assert.True(Send(socket, without.LocalAddress, SockAddr.None, 1));
        Assert.Equal(1, without.Receive(_received));
        Assert.True(_received.Destination(0).IsNone);
        Assert.Equal(0u, _received.InterfaceIndex(0));
    }

    [Fact]
    public void IPv6_sockets_leave_the_IPv4_port_free()
    {
        using var six = Open(At("::"));
        using var four = UdpSocket.Open(new UdpSocketOptions { Local = At("0.0.0.0", six.LocalAddress.Port) });
        Assert.Equal(six.LocalAddress.Port, four.LocalAddress.Port);
    }

    [Fact]
    public void Closed_socket_is_a_programming_error()
    {
        var socket = Open(At("127.0.0.1"));
        socket.Dispose();
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => socket.Receive(_received));
    }

    [Fact]
    public void Receiving_and_sending_allocate_nothing()
    {
        using var server = Open(At("127.0.0.1"));
        using var peer = Open(At("127.0.0.1"));
        var to = server.LocalAddress;
        Assert.NotEqual(0, Round(1));
        var sum = 0;
        Assert.Equal(0, Allocations.Of(() => sum = Round(100)));
        Assert.NotEqual(0, sum);

        int Round(int times)
        {
            ReadOnlySpan<byte> payload = [1, 2, 3];
            var sum = 0;
            for (var i = 0; i < times; i++)
            {
                _sending.Clear();
                _sending.TryAdd(to, SockAddr.None, 0, payload);
                _sending.TryAdd(to, SockAddr.None, 0, payload);
                peer.Send(_sending);
                for (var j = server.Receive(_received) - 1; j >= 0; j--)
                {
                    sum += _received.Payload(j).Length + _received.Source(j).Port;
                    sum += _received.Destination(j).Port + (int)_received.InterfaceIndex(j);
                }

                server.TryReadError(out _);
            }

            return sum;
        }
    }

    [Fact]
    public void L2tpIp_is_missing_here_or_opens()
    {
        foreach (var address in new[] { At("127.0.0.1"), At("::1") })
        {
            var error = L2tpIpSocket.TryOpen(address, 0, SockAddr.None, 0, default, out var socket);
            using (socket)
                Assert.True(error.IsNone ? socket is not null : error.Errno == Errno.EPROTONOSUPPORT, error.ToString());
        }
    }
}
