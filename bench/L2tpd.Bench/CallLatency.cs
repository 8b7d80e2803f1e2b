using System.Globalization;
using System.Net;

namespace L2tpd.Bench;

/// <summary>
/// Whether control messages are answered while the userspace data plane of an LNS carries all it can: tunnels with one call each are set up
/// one after the other while a subscriber has traffic: none, TCP, and more UDP than the path can carry. Needs root and iperf3.
/// </summary>
internal sealed class CallLatency(Options options) : IDisposable
{
    private const int CallsASecond = 400;

    private const string Unlimited = "limits: { sccrq-rate-per-source: 1000000, sccrq-burst-per-source: 1000000 }\n";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TwoNamespaces _spaces = new();

    public int Run()
    {
        var (lns, lac) = Throughput.Ppp(1);
        _spaces.StartL2tpd(options.Program, _spaces.Far, "lns", Unlimited + "listen: 192.0.2.2\n" + lns);
        _spaces.StartL2tpd(options.Program, _spaces.Near, "lac", lac);
        TwoNamespaces.Shell($"n=0; until ip netns exec {_spaces.Near} ping -q -n -c 1 -W 2 -I ppp0 10.9.200.1 > /dev/null 2>&1; do n=$((n "
            + "+ 1)); [ $n -lt 100 ]; sleep 0.2; done");
        Console.WriteLine($"calls one after the other to an LNS that carries a subscriber's traffic, {options.Seconds} s of it");
        Measure("no traffic", null);
        Measure("TCP up", "");
        Measure("TCP down", "-R");
        Measure("UDP up, all that goes", "-u -b 0 -l 1300 -P 2");
        Measure("UDP up, 200 octets", "-u -b 0 -l 200 -P 2");
        return 0;
    }

    public void Dispose() => _spaces.Dispose();

    /// <summary>Started in the near namespace: makes the calls and prints what they took.</summary>
    public static int Call(IPAddress local, IPAddress remote, int count)
    {
        using var generator = new LoadGenerator(new IPEndPoint(remote, 1701), count, 1, 1, Workload.V2("calls", count, 1)
            .Open().Rules, local);
        var seconds = generator.SetUp(count, count, Limit);
        var sorted = generator.Latencies.Order().ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{generator.SessionsUp} of {count} calls in {seconds:0.0} s; ICRQ to ICRP p50 {At(sorted, 0.5):0.0} ms, p99 "
                + $"{At(sorted, 0.99):0.0} ms, longest {At(sorted, 1):0.0} ms"));
        generator.TearDown(TimeSpan.FromSeconds(5));
        return 0;
    }

    private static double At(double[] sorted, double fraction) => sorted.Length == 0 ? double.NaN
        : sorted[Math.Min((int)(sorted.Length * fraction), sorted.Length - 1)] / 1_000;

    private void Measure(string what, string? traffic)
    {
        if (traffic is not null)
        {
            _spaces.Start(_spaces.Far, "iperf3", "-s -1 -p 5201");
            Thread.Sleep(300);
            _spaces.Start(_spaces.Near, "iperf3", $"-c 10.9.200.1 -B 10.9.0.1%ppp0 -p 5201 -t {options.Seconds} {traffic} -J");
            Thread.Sleep(500);
        }

        var calls = _spaces.Start(_spaces.Near, Environment.ProcessPath!, $"calls 192.0.2.1 192.0.2.2 {CallsASecond * options.Seconds}");
        Console.WriteLine($"  {what,-24} {calls.StandardOutput.ReadLine()}");
        calls.WaitForExit();
        Thread.Sleep(TimeSpan.FromSeconds(options.Seconds + 2));
    }
}
