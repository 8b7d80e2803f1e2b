using System.Net;
using System.Net.Sockets;

namespace L2tpd.Attack.Tests;

/// <summary>A daemon that dials and listens with one secret does not answer its own challenge.</summary>
public sealed class ReflectionTests
{
    private const int Attempts = 100;

    [Theory]
    [InlineData("v2")]
    [InlineData("v3")]
    public void A_daemon_that_dials_itself_makes_no_tunnel_and_says_why(string protocol)
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start($$"""
            listen: 192.0.2.1:1701
            data-plane: "null"
            peers:
              anyone: { secret: opensesame, protocol: {{protocol}} }
            tunnels:
              self: { lns: 192.0.2.1, secret: opensesame, protocol: {{protocol}}, quirks: [omit-tie-breaker] }
            """, networkNamespace: link.First);

        daemon.WaitFor("this daemon dials itself");
        Thread.Sleep(500);
        Assert.DoesNotContain("is up", daemon.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attacker_that_is_dialled_does_not_get_the_answer_to_the_challenge_from_the_daemon_itself()
    {
        using var link = new NamespacePair();
        using var dialled = Bind(link.Second, 1_701);
        using var other = Bind(link.Second, 0);
        using var daemon = DaemonProcess.Start("""
            listen: 192.0.2.1:1701
            data-plane: "null"
            peers:
              anyone: { secret: opensesame, challenge: true }
            tunnels:
              office: { lns: 192.0.2.2, secret: opensesame, quirks: [omit-tie-breaker] }
            """, networkNamespace: link.First);
        var challenge = Receive(dialled)[ControlPacket.Challenge];

        other.SendTo(
            ControlPacket.Encode(
                0, ControlPacket.Sccrq, (2, [1, 0]), (3, [0, 0, 0, 3]), (ControlPacket.HostName, "mirror"u8.ToArray()),
                (ControlPacket.AssignedTunnelId, [0, 9]), (ControlPacket.Challenge, challenge)),
            new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1_701));

        var answer = Receive(other);
        Assert.False(answer.ContainsKey(ControlPacket.ChallengeResponse), "the daemon answered its own challenge");
        Assert.Equal(ControlPacket.UInt16(ControlPacket.StopCcn), answer[0]);
        daemon.WaitFor("somebody reflects our messages");
    }

    private static Socket Bind(string networkNamespace, int port) => NetworkNamespace.Make(networkNamespace, () =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        socket.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.2"), port));
        return socket;
    });

    /// <summary>The AVPs of the next message that has any.</summary>
    private static Dictionary<int, byte[]> Receive(Socket socket)
    {
        var buffer = new byte[2_048];
        for (var i = 0; i < Attempts; i++)
        {
            var length = socket.Receive(buffer);
            if (length > 12)
                return ControlPacket.Decode(buffer.AsSpan(0, length));
        }

        throw new InvalidOperationException("acknowledgements only");
    }
}
