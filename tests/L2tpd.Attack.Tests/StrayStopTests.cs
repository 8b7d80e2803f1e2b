using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;

namespace L2tpd.Attack.Tests;

/// <summary>
/// An off-path attacker who knows both ends' addresses and ports ends no tunnel with StopCCNs that contain only the peer's id.
/// </summary>
public sealed class StrayStopTests(ITestOutputHelper output)
{
    private const int LastId = 65_535;

    private const string Lns = """
        listen: 192.0.2.1:1701
        data-plane: "null"
        peers:
          anyone:
            secret: opensesame
            challenge: true
        """;

    [Fact]
    public void StopCCNs_with_every_id_of_the_peer_leave_an_established_tunnel_alone()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns, networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");
        using var attacker = new ForgedSources(link.Second);
        daemon.WaitFor("is up");

        Forge(attacker, lac.Local, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1_701), [0, 1]);
        daemon.WaitFor("asking the peer with HELLO");

        lac.Call();
        Assert.DoesNotContain("is down", daemon.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void StopCCNs_with_every_id_of_the_LNS_send_an_established_LAC_nowhere()
    {
        using var link = new NamespacePair();
        using var lns = DaemonProcess.Start(Lns, networkNamespace: link.First);
        using var lac = DaemonProcess.Start("""
            data-plane: "null"
            tunnels:
              office: { lns: 192.0.2.1, source-port: 1701, secret: opensesame, redirect: any }
            """, networkNamespace: link.Second);
        using var attacker = new ForgedSources(link.First);
        lac.WaitFor("is up");

        byte[] tryAnother = [0, 2, 0, 7, .. "192.0.2.66"u8];
        Forge(attacker, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1_701), new IPEndPoint(IPAddress.Parse("192.0.2.2"), 1_701),
            tryAnother);
        lac.WaitFor("asking the peer with HELLO");

        Thread.Sleep(1_000);
        Assert.DoesNotContain("is down", lac.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.66", lac.Output, StringComparison.Ordinal);
    }

    /// <summary>One StopCCN for each id, with header tunnel id 0; in small bursts, so that none is lost in a full socket buffer.</summary>
    private void Forge(ForgedSources attacker, IPEndPoint source, IPEndPoint target, byte[] result)
    {
        var datagram = ControlPacket.Encode(0, ControlPacket.StopCcn, (ControlPacket.AssignedTunnelId, [0, 0]),
            (ControlPacket.ResultCode, result));
        // Header 12, Message Type AVP 8, then the AVP's header.
        var id = datagram.AsSpan(12 + 8 + 6, 2);
        var watch = Stopwatch.StartNew();
        for (var i = 1; i <= LastId; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(id, (ushort)i);
            attacker.Send(source, target, datagram);
            if (i % 256 == 0)
                Thread.Sleep(1);
            id = datagram.AsSpan(12 + 8 + 6, 2);
        }

        output.WriteLine($"{LastId} forged StopCCNs in {watch.Elapsed.TotalSeconds:0.0} s: the tunnel stayed");
    }
}
