using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Tests;

/// <summary>Raw sockets of IP protocol 115 on the loopback interface. They need root, as the whole grade does.</summary>
public sealed class RawL2tpSocketTests
{
    private const string NeedsRoot = "raw sockets need root, or CAP_NET_RAW";

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.3")]
    [InlineData("::1", "::1")]
    public void A_message_comes_as_it_was_sent(string one, string other)
    {
        using var sender = Open(one, other);
        using var receiver = Open(other);
        byte[] message = [0, 0, 0, 7, 1, 2, 3, 4, 5];
        using var outgoing = new SendBatch(1);
        using var incoming = new ReceiveBatch(4);
        Assert.True(outgoing.TryAdd(SockAddr.None, SockAddr.None, 0, message));

        Assert.True(sender.Send(outgoing));

        Assert.Equal(0, outgoing.ErrorOf(0));
        Assert.Equal(1, receiver.Receive(incoming));
        Assert.Equal(message, receiver.Contents(incoming.Payload(0)).ToArray());
        Assert.Equal(SockAddr.From(System.Net.IPAddress.Parse(one), 0), incoming.Source(0).WithPort(0));
        Assert.Equal(SockAddr.From(System.Net.IPAddress.Parse(other), 0), incoming.Destination(0).WithPort(0));
    }

    [Fact]
    public void A_connected_one_hears_its_peer_only()
    {
        using var connected = Open("127.0.0.2", "127.0.0.3");
        using var stranger = Open("127.0.0.4", "127.0.0.2");
        using var outgoing = new SendBatch(1);
        using var incoming = new ReceiveBatch(4);
        Assert.True(outgoing.TryAdd(SockAddr.None, SockAddr.None, 0, [0, 0, 0, 7, 1]));

        Assert.True(stranger.Send(outgoing));

        Assert.Equal(0, connected.Receive(incoming));
    }

    [Fact]
    public void An_address_of_others_is_refused()
    {
        Assert.True(Environment.IsPrivilegedProcess, NeedsRoot);
        var error = RawL2tpSocket.TryOpen(SockAddr.IPv4(0xc0000201, 0), SockAddr.None, default, 0, out var socket);
        Assert.Equal((Errno.EADDRNOTAVAIL, "bind"), (error.Errno, error.Call));
        Assert.Null(socket);
    }

    public static TheoryData<byte[], byte[]> Packets() => new()
    {
        { [], [] },
        { [0x45, 0, 0], [] },
        { [0x40, .. new byte[40]], [] },
        { [0x44, .. new byte[40]], [] },
        { [0x4f, .. new byte[40]], [] },
        { [0x45, .. new byte[19]], [] },
        { [0x45, .. new byte[19], 9], [9] },
        { [0x46, .. new byte[23], 8, 9], [8, 9] },
    };

    [Theory]
    [MemberData(nameof(Packets))]
    public void The_IPv4_header_is_taken_off_whatever_it_says(byte[] packet, byte[] contents)
    {
        Assert.Equal(contents, RawL2tpSocket.Contents(packet, isIPv6: false).ToArray());
        Assert.Equal(packet, RawL2tpSocket.Contents(packet, isIPv6: true).ToArray());
    }

    private static RawL2tpSocket Open(string local, string? remote = null)
    {
        Assert.True(Environment.IsPrivilegedProcess, NeedsRoot);
        var to = remote is null ? SockAddr.None : SockAddr.From(System.Net.IPAddress.Parse(remote), 0);
        RawL2tpSocket.TryOpen(SockAddr.From(System.Net.IPAddress.Parse(local), 0), to, default, 1 << 16, out var socket).ThrowIfError();
        return socket!;
    }
}
