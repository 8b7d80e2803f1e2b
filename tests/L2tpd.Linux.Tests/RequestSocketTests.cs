using System.Net;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Tests;

/// <summary>The three queues of a listener's port: control messages, data, and requests of peers without a tunnel.</summary>
public sealed class RequestSocketTests
{
    private static readonly byte[] SccrqV2 = [0xc8, 2, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 8, 0, 0, 0, 0, 0, 1];
    private static readonly byte[] SccrqV3 = [0xc8, 3, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 8, 0, 0, 0, 0, 0, 1];
    private static readonly byte[] ControlV2 = [0xc8, 2, 0, 12, 0x12, 0, 0, 0, 0, 1, 0, 1];
    private static readonly byte[] ControlV3 = [0xc8, 3, 0, 12, 0, 1, 0, 0, 0, 1, 0, 1];
    private static readonly byte[] DataV2 = [0, 2, 0, 1, 0, 0, 1, 2, 3];
    private static readonly byte[] Stub = [0xc8, 2, 0];

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    public void What_has_tunnel_id_0_has_a_queue_of_its_own(string address, bool hasDataSocket)
    {
        var options = new UdpSocketOptions { Local = SockAddr.From(IPAddress.Parse(address), 0) };
        using var control = UdpSocket.Open(options);
        Assert.Equal(LinuxError.None, control.TryOpenForRequests(options, out var requests));
        UdpSocket? data = null;
        if (hasDataSocket)
            Assert.Equal(LinuxError.None, control.TryOpenForData(options, out data));
        using var sender = UdpSocket.Open(options with { Remote = control.LocalAddress });
        using var sending = new SendBatch();
        foreach (var datagram in new[] { SccrqV2, ControlV2, SccrqV3, ControlV3, DataV2, Stub })
            Assert.True(sending.TryAdd(SockAddr.None, SockAddr.None, 0, datagram));
        Assert.True(sender.Send(sending));

        Assert.Equal([SccrqV2, SccrqV3], Received(requests!));
        Assert.Equal(hasDataSocket ? [ControlV2, ControlV3, Stub] : new[] { ControlV2, ControlV3, DataV2, Stub }, Received(control));
        if (hasDataSocket)
            Assert.Equal([DataV2], Received(data!));
        requests!.Dispose();
        data?.Dispose();
    }

    /// <summary>Loopback delivers before send returns.</summary>
    private static byte[][] Received(UdpSocket socket)
    {
        using var batch = new ReceiveBatch();
        Assert.InRange(socket.Receive(batch), 0, ReceiveBatch.MaximumCapacity);
        return [.. Enumerable.Range(0, batch.Count).Select(i => batch.Payload(i).ToArray())];
    }
}
