using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace L2tpd.Bench;

/// <summary>
/// What a subscriber behind a shared TUN carries over IPv4 and over IPv6: TCP by iperf3 through one session of two l2tpd, in both
/// directions. Runs alternate, so that what else the machine does hits both alike. Needs root and iperf3.
/// </summary>
internal sealed class FamilyThroughput(Options options) : IDisposable
{
    private const int Mtu = 1_400;
    private const string Server4 = "10.9.200.1";
    private const string Server6 = "2001:db8:99::1";

    private readonly TwoNamespaces _spaces = new();

    public int Run()
    {
        var lns = Start();
        Console.WriteLine($"TCP by iperf3 behind a shared TUN, {options.Seconds} s a run, {options.Rounds} rounds: Gbit/s (median), CPU of "
            + "the LNS (s a GByte carried, median)");
        foreach (var (name, direction) in new[] { ("up", ""), ("down", " -R") })
        {
            List<Carried> four = [], six = [];
            for (var round = 0; round < options.Rounds; round++)
            {
                four.Add(Measure(lns, $"-c {Server4} -B 10.9.0.1%ppp0{direction}"));
                six.Add(Measure(lns, $"-c {Server6}{direction}"));
            }

            var (rate4, rate6) = (Median(four, static run => run.Rate), Median(six, static run => run.Rate));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {name,-5} IPv4 {rate4:0.00} ({Median(four, static run => run.Cpu):0.00}), IPv6 {rate6:0.00} "
                + $"({Median(six, static run => run.Cpu):0.00}): {rate6 / rate4:0.00}"));
        }

        return 0;
    }

    public void Dispose() => _spaces.Dispose();

    private static double Median(List<Carried> runs, Func<Carried, double> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);

    private Process Start()
    {
        TwoNamespaces.Shell($"ip -n {_spaces.Far} addr add {Server6}/128 dev lo nodad");
        var lns = _spaces.StartL2tpd(options.Program, _spaces.Far, "lns", $$"""
            listen: 192.0.2.2
            state-directory: {{_spaces.Files}}/state
            prefix-pools: { links: { prefix: "2001:db8:f00::/48", length: 64 } }
            peers:
              any:
                lns:
                  ppp:
                    { backend: built-in, auth: chap, local: {{Server4}}, mtu: {{Mtu}}, interface: { shared: subscribers },
                      ipv6: router, ipv6-prefix-pool: links, users: { u: { password: p, address: 10.9.0.1 } } }

            """);
        _spaces.StartL2tpd(options.Program, _spaces.Near, "lac", $"tunnels:\n  t:\n    lns: 192.0.2.2\n    sessions:\n      s: {{ ppp: {{ "
            + $"backend: built-in, interface: ppp0, mtu: {Mtu}, user: u, password: p, ipv6: router }} }}\n");
        foreach (var target in new[] { $"-I ppp0 {Server4}", Server6 })
        {
            TwoNamespaces.Shell($"n=0; until ip netns exec {_spaces.Near} ping -q -n -c 1 -W 2 {target} > /dev/null 2>&1; do n=$((n + 1)); "
                + "[ $n -lt 100 ]; sleep 0.2; done");
        }

        return lns;
    }

    private Carried Measure(Process lns, string client)
    {
        var server = _spaces.Start(_spaces.Far, "iperf3", "-s -1 -p 5201");
        Thread.Sleep(300);
        var before = Cpu(lns);
        using var result = JsonDocument.Parse(
            _spaces.Start(_spaces.Near, "iperf3", $"{client} -p 5201 -t {options.Seconds} -J").StandardOutput.ReadToEnd());
        _ = server.StandardOutput.ReadToEnd();
        if (!result.RootElement.TryGetProperty("end", out var end) || !end.TryGetProperty("sum_received", out var received))
            throw new InvalidOperationException($"iperf3: {result.RootElement}");
        var carried = received.GetProperty("bytes").GetDouble() / 1e9;
        return new Carried(received.GetProperty("bits_per_second").GetDouble() / 1e9, (Cpu(lns) - before) / carried);
    }

    private static double Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <param name="Rate">Gbit/s.</param>
    /// <param name="Cpu">Of the LNS, seconds a GByte.</param>
    private readonly record struct Carried(double Rate, double Cpu);
}
