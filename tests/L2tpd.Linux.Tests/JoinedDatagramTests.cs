using System.Net;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Offload;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Tests;

/// <summary>UDP_SEGMENT, UDP_GRO and the offloads of TUN on the running kernel.</summary>
public sealed class JoinedDatagramTests : IDisposable
{
    private readonly ReceiveBatch _received = new(32, ReceiveBatch.LongestMessage);
    private readonly SendBatch _sending = new();
    private readonly UdpSocket _receiver = Open("127.0.0.1");
    private readonly UdpSocket _other = Open("127.0.0.1");
    private readonly UdpSocket _sender = Open("127.0.0.1");

    public void Dispose()
    {
        _received.Dispose();
        _sending.Dispose();
        _receiver.Dispose();
        _other.Dispose();
        _sender.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Every_datagram_arrives_as_it_was(bool joinedOut, bool joinedIn)
    {
        if (joinedOut)
            _sender.JoinDatagrams();
        if (joinedIn)
            _receiver.JoinDatagrams();
        Assert.Equal(joinedOut, _sender.JoinsDatagrams);
        var sent = new List<byte[]>();
        // Runs, one with a shorter last datagram, another destination between them, a datagram that may not be joined, and another source
        // (pktinfo).
        for (var i = 0; i < 40; i++)
            sent.Add(Add(_receiver, i, i == 25 ? 300 : 1_200));
        Add(_other, 200, 1_200);
        for (var i = 40; i < 50; i++)
            sent.Add(Add(_receiver, i, 1_200, isJoinable: i != 45, source: i < 47 ? SockAddr.None : SockAddr.From(IPAddress.Loopback, 0)));
        Assert.True(_sender.Send(_sending));
        Assert.Equal((51, 0), (_sending.Done, _sending.Failed));

        Assert.Equal(sent, ReceiveAll(_receiver, sent.Count, out var messages));
        Assert.True(joinedOut && joinedIn ? messages < 12 : messages == sent.Count, $"{messages} messages");
        Assert.Single(ReceiveAll(_other, 1, out _));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Data_messages_have_a_queue_of_their_own(string address)
    {
        var options = new UdpSocketOptions { Local = SockAddr.From(IPAddress.Parse(address), 0), ReceiveBuffer = 1 << 16 };
        using var control = UdpSocket.Open(options);
        Assert.Equal(LinuxError.None, control.TryOpenForData(options, out var second));
        using var data = second!;
        Assert.Equal(control.LocalAddress, data.LocalAddress);
        using var peer = UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.From(IPAddress.Parse(address), 0) });
        // A flood of data that overflows the queue, with control messages in it. An empty datagram counts as control.
        var flags = new byte[] { 0x00, 0x02, 0x40, 0x08 };
        for (var i = 0; i < 2_000; i++)
        {
            _sending.Clear();
            byte[] message = i % 100 == 0 ? [0xc8, 0x02, (byte)(i / 100)] : [flags[i % 4], .. new byte[1_000]];
            Assert.True(_sending.TryAdd(control.LocalAddress, SockAddr.None, 0, message));
            Assert.True(peer.Send(_sending));
        }

        _sending.Clear();
        Assert.True(_sending.TryAdd(control.LocalAddress, SockAddr.None, 0, []));
        Assert.True(peer.Send(_sending));
        Assert.Equal(21, control.Receive(_received));
        for (var i = 0; i < 20; i++)
            Assert.Equal([0xc8, 0x02, (byte)i], _received.Payload(i).ToArray());
        Assert.Empty(_received.Payload(20).ToArray());
        Assert.InRange(data.Receive(_received), 10, 32);
        for (var i = 0; i < _received.Count; i++)
            Assert.Equal(1_001, _received.Payload(i).Length);
    }

    [Fact]
    public void A_run_that_the_path_does_not_carry_goes_one_by_one()
    {
        Assert.Equal(LinuxError.None, TunTap.TryOpen("l2t-join%d", tap: false, offloads: false, out var tun));
        using var device = tun!;
        Bring(device, "198.18.78.1", 576);
        using var socket = UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.From(IPAddress.Parse("198.18.78.1"), 0) });
        socket.JoinDatagrams();
        for (var i = 0; i < 4; i++)
        {
            _sending.Reserve()[..800].Clear();
            _sending.Commit(SockAddr.From(IPAddress.Parse("198.18.78.2"), 9), SockAddr.None, 0, 800, isJoinable: true);
        }

        Assert.True(socket.Send(_sending));
        Assert.Equal((4, 0), (_sending.Done, _sending.Failed));
        var fragments = 0;
        var packet = new byte[2048];
        while (device.Read(packet) is > 0 and var length)
        {
            if (packet[0] >> 4 == 4 && length > 20 && packet[9] == 17)
                fragments++;
        }

        Assert.Equal(8, fragments);
    }

    [Fact]
    public void A_device_with_offloads_takes_a_run_and_the_system_gets_it_whole()
    {
        Assert.Equal(LinuxError.None, TunTap.TryOpen("l2t-tso%d", tap: false, offloads: true, out var tun));
        using var device = tun!;
        Assert.True(device.HasOffloads);
        Bring(device, "198.18.79.1", 1_400);
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Parse("198.18.79.1"), 0);
        listener.Start();
        // A packet that the kernel answers: a SYN to the listener. Its SYN ACK arrives with the checksum left to us.
        var syn = TcpSyn((ushort)((IPEndPoint)listener.LocalEndpoint).Port);
        new TcpCoalescer().Write(device, syn);
        var read = new byte[TunTap.LongestRead];
        var answer = Array.Empty<byte>();
        var end = MonotonicClock.NowMilliseconds + 5_000;
        while (answer.Length == 0 && MonotonicClock.NowMilliseconds < end)
        {
            var length = device.Read(read);
            if (length <= 0 || !SegmentedPacket.TryParse(read.AsSpan(0, length), false, out var packet))
                continue;
            var octets = new byte[packet.LengthOf(0)];
            packet.Write(0, octets);
            if (octets[0] == 0x45 && octets[9] == 6 && octets[33] == 0x12)
                answer = octets;
        }

        Assert.NotEmpty(answer);
        Assert.Equal(0xffff, Sum([.. answer[12..20], 0, 6, 0, (byte)(answer.Length - 20), .. answer[20..]]));
    }

    private static UdpSocket Open(string local) =>
        UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.From(IPAddress.Parse(local), 0), ReceiveBuffer = 1 << 20 });

    private static void Bring(TunTap device, string address, uint mtu)
    {
        Assert.Equal(LinuxError.None, RtNetlink.TryOpen(out var route));
        using var netlink = route!;
        Assert.Equal(LinuxError.None, netlink.SetNoLinkLocalAddress(device.Name));
        Assert.Equal(LinuxError.None, netlink.AddAddress(device.Name, IPAddress.Parse(address), 24));
        Assert.Equal(LinuxError.None, netlink.SetLink(device.Name, up: true, mtu));
    }

    private static byte[] TcpSyn(ushort port)
    {
        byte[] packet =
        [
            0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 198, 18, 79, 2, 198, 18, 79, 1,
            0x30, 0x39, (byte)(port >> 8), (byte)port, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0x20, 0, 0, 0, 0, 0,
        ];
        var network = (ushort)~Sum(packet.AsSpan(0, 20));
        (packet[10], packet[11]) = ((byte)(network >> 8), (byte)network);
        var tcp = (ushort)~Sum([.. packet[12..20], 0, 6, 0, 20, .. packet[20..]]);
        (packet[36], packet[37]) = ((byte)(tcp >> 8), (byte)tcp);
        return packet;
    }

    private static ushort Sum(ReadOnlySpan<byte> octets)
    {
        var sum = 0u;
        for (var i = 0; i < octets.Length; i++)
            sum += (i & 1) == 0 ? (uint)octets[i] << 8 : octets[i];
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)sum;
    }

    private byte[] Add(UdpSocket to, int number, int length, bool isJoinable = true, SockAddr source = default)
    {
        var slot = _sending.Reserve()[..length];
        slot.Fill((byte)number);
        _sending.Commit(to.LocalAddress, source, 0, length, isJoinable);
        return slot.ToArray();
    }

    private List<byte[]> ReceiveAll(UdpSocket socket, int count, out int messages)
    {
        var all = new List<byte[]>();
        messages = 0;
        var end = MonotonicClock.NowMilliseconds + 5_000;
        while (all.Count < count && MonotonicClock.NowMilliseconds < end)
        {
            messages += socket.Receive(_received);
            for (var i = 0; i < _received.Count; i++)
            {
                Assert.False(_received.IsTruncated(i));
                Assert.Equal(_sender.LocalAddress, _received.Source(i));
                all.Add(_received.Payload(i).ToArray());
            }
        }

        return all;
    }
}
