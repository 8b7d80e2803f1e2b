using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace L2tpd.Attack.Tests;

/// <summary>
/// SCCRQs with forged sources, as fast as one core sends them, or from the address of a known peer. L2TPD_ATTACK_RATE sets the rate per
/// second. The bounds hold on a loaded machine too; the figures are for docs/performance.md.
/// </summary>
public sealed class SccrqFloodTests(ITestOutputHelper output)
{
    private const string Secret = "opensesame";

    private const string Lns = """
        listen: 192.0.2.1:1701
        data-plane: "null"
        peers:
          anyone:
            secret: opensesame
            challenge: true
        """;

    private static readonly IPEndPoint Target = new(IPAddress.Parse("192.0.2.1"), 1_701);

    private static int Rate { get; } =
        int.Parse(Environment.GetEnvironmentVariable("L2TPD_ATTACK_RATE") ?? "100000", CultureInfo.InvariantCulture);

    [Fact]
    public void Real_peers_come_up_and_calls_go_on_while_SCCRQs_with_forged_sources_come() =>
        Flood("forged sources", Rate, peers: 300, source: null);

    [Fact]
    public void A_known_peer_comes_up_while_SCCRQs_come_from_its_address() =>
        Flood("the address of the peers", Math.Min(Rate, 5_000), peers: 20, IPAddress.Parse("192.0.2.2"));

    private void Flood(string sources, int rate, int peers, IPAddress? source)
    {
        var seed = Seeds.One(output.WriteLine, 20_261_128);
        using var link = new NamespacePair();
        NamespacePair.Run($"ip -n {link.First} route add default via 192.0.2.2; ip -n {link.Second} route add blackhole 10.0.0.0/8");
        using var daemon = DaemonProcess.Start(Lns, networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", Secret);
        lac.Call();
        using var flood = new SccrqFlood(link.Second, Target, seed, source);
        using var real = new DelayedPeers(link.Second, Target, Secret, PeersAt(new Random(seed), peers));
        using var end = new CancellationTokenSource();
        var thread = new Thread(() => flood.Run(rate, end.Token));
        thread.Start();
        try
        {
            // The ring is full, and the daemon's code compiled, before anything is measured.
            Thread.Sleep(3_000);
            var (sent, watch, dropped, before, cpu) =
                (flood.Sent, Stopwatch.StartNew(), Dropped(link.First), daemon.ResidentOctets(), Cpu(daemon));
            var calls = new List<double>();
            Exception? failure = null;
            var calling = new Thread(() => failure = Record.Exception(() => Call(lac, calls, end.Token)));
            calling.Start();
            real.Run(TimeSpan.FromSeconds(20));
            var (seconds, ran, grown) = (watch.Elapsed.TotalSeconds, Cpu(daemon) - cpu, daemon.ResidentOctets() - before);
            end.Cancel();
            calling.Join();
            Report(sources, real, (flood.Sent - sent) / seconds, (Dropped(link.First) - dropped) / seconds, calls, ran / seconds,
                daemon.ResidentOctets(), grown);
            Assert.True(failure is null, $"{failure}\n{daemon.Output}");
            Assert.All(real.Peers, static peer => Assert.NotNull(peer.UpAfter));
            Assert.InRange(daemon.ResidentOctets(), 0, 512L << 20);
            Assert.InRange(grown, long.MinValue, 96L << 20);
            Assert.DoesNotContain(daemon.Lines, static line => line.Contains(" is down, it had", StringComparison.Ordinal));
        }
        finally
        {
            end.Cancel();
            thread.Join();
        }
    }

    private void Report(string sources, DelayedPeers real, double sentASecond, double droppedASecond, List<double> calls, double cores,
        long resident, long grown)
    {
        var up = real.Peers.Select(static peer => peer.UpAfter ?? 99_999).Order().ToList();
        calls.Sort();
        Figures.Write(output, string.Create(CultureInfo.InvariantCulture,
            $"SCCRQ flood from {sources}: {sentASecond:0}/s sent, {droppedASecond:0}/s dropped by the kernel, the daemon used "
                + $"{cores:0.00} cores; "
            + $"{up.Count(static ms => ms <= 2_000)} of {up.Count} real peers at 1 to 300 ms up in 2 s, median {up[up.Count / 2]:0} ms, "
                + $"99% {up[(int)(up.Count * 0.99)]:0} ms; "
            + $"{calls.Count} calls, 95% within {(calls.Count == 0 ? 0 : calls[(int)(calls.Count * 0.95)]):0.0} ms; resident "
                + $"{resident >> 20} MiB, grown by {grown >> 10} KiB"));
    }

    private static List<DelayedPeer> PeersAt(Random random, int count) =>
    [
        .. Enumerable.Range(1, count).Select(number => new DelayedPeer
        {
            Id = (ushort)(0x5000 + number),
            // The same number in each octave.
            RoundTrip = Math.Pow(300, (number - 1) / Math.Max(count - 1.0, 1)),
            StartAt = random.NextDouble() * 5_000,
        }),
    ];

    private static void Call(ScriptedLac lac, List<double> calls, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            lac.HangUp();
            var began = Stopwatch.GetTimestamp();
            lac.Call();
            calls.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Thread.Sleep(10);
        }
    }

    /// <summary>Datagrams dropped because a socket's queue was full.</summary>
    private static long Dropped(string networkNamespace)
    {
        var lines = NamespacePair.Run($"ip netns exec {networkNamespace} grep ^Udp: /proc/net/snmp").Split('\n');
        var column = Array.IndexOf(lines[0].Split(' '), "RcvbufErrors");
        return long.Parse(lines[1].Split(' ')[column], CultureInfo.InvariantCulture);
    }

    /// <summary>Processor time used, seconds.</summary>
    private static double Cpu(DaemonProcess daemon)
    {
        using var process = Process.GetProcessById(daemon.Pid);
        return process.TotalProcessorTime.TotalSeconds;
    }
}
