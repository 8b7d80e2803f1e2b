using System.Net;

namespace L2tpd.Attack.Tests;

/// <summary>Datagrams that are not L2TP, from many sources.</summary>
public sealed class GarbageTests(ITestOutputHelper output)
{
    private const int Datagrams = 20_000;

    private const string Lns = """
        listen: 192.0.2.1:1701
        data-plane: "null"
        peers:
          anyone:
            secret: opensesame
            challenge: true
        """;

    [Fact]
    public void Random_octets_from_forged_sources_leave_a_tunnel_and_the_memory_alone()
    {
        var seed = Seeds.One(output.WriteLine, 20_261_128);
        var random = new Random(seed);
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns, networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");
        using var attacker = new ForgedSources(link.Second);
        var before = daemon.ResidentOctets();
        var octets = new byte[1_400];
        var target = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1_701);

        for (var i = 0; i < Datagrams; i++)
        {
            var datagram = octets.AsSpan(0, random.Next(octets.Length));
            random.NextBytes(datagram);
            attacker.Send(new IPEndPoint(random.NextInt64(0x0a00_0001, 0x0aff_fffe), random.Next(1, 65_536)), target, datagram);
        }

        lac.Call();
        var grown = daemon.ResidentOctets() - before;
        output.WriteLine($"{Datagrams} datagrams of garbage: resident memory grew by {grown / 1024} KiB");
        Assert.InRange(grown, long.MinValue, 64L << 20);
    }
}
