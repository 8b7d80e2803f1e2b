using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace L2tpd.Bench;

/// <summary>
/// What the userspace data plane carries: TCP by iperf3 from one network namespace to another, through sessions of two l2tpd, next to a
/// plain copy of frames by the same runtime. Rounds alternate, so that what else the machine does hits all alike. Needs root and iperf3.
/// </summary>
internal sealed class Throughput(Options options) : IDisposable
{
    private const int Mtu = 1_400;

    /// <summary>Packets are handled one by one, as the plain copy does it.</summary>
    private const string OneByOne = "offloads: false\n";
    private const string NameWithL2tpns = "PPP, L2TPv2, l2tpns as LNS";
    private static readonly int[] Counts = [1, 8];

    private readonly TwoNamespaces _spaces = new();

    public int Run()
    {
        Console.WriteLine($"TCP by iperf3, {options.Seconds} s a run, {options.Rounds} rounds, of all sessions together: Gbit/s (median), "
            + "CPU of the far end's process (s a GByte carried, median), Gbit/s of each round");
        var isCompared = File.Exists(options.L2tpns);
        if (!isCompared)
            Console.WriteLine($"without the rows of l2tpns: there is no {options.L2tpns} (Debian's package l2tpns)");
        foreach (var count in Counts)
        {
            var rows = new Dictionary<string,
            List<Carried>> { ["no tunnel"] = [], ["plain copy"] = [], ["Ethernet, L2TPv3"] = [], ["Ethernet, numbered"] = [],
                ["PPP, L2TPv2"] = [], ["Ethernet, no offloads"] = [], ["PPP, no offloads"] = [] };
            if (isCompared)
                rows.Add(NameWithL2tpns, []);
            for (var round = 0; round < options.Rounds; round++)
            {
                rows["no tunnel"].Add(Measure("192.0.2.2", count, sameAddress: true));
                rows["plain copy"].Add(WithCopy(count));
                rows["Ethernet, L2TPv3"].Add(WithL2tpd(count, Ethernet("sequencing: false")));
                rows["Ethernet, numbered"].Add(WithL2tpd(count, Ethernet("sequencing: true, reorder-timeout: 50ms")));
                rows["PPP, L2TPv2"].Add(WithL2tpd(count, Ppp));
                rows["Ethernet, no offloads"].Add(WithL2tpd(count, Ethernet("sequencing: false"), OneByOne));
                rows["PPP, no offloads"].Add(WithL2tpd(count, Ppp, OneByOne));
                if (rows.TryGetValue(NameWithL2tpns, out var values))
                    values.Add(WithL2tpns(count));
            }

            Report(count, rows);
        }

        return 0;
    }

    public void Dispose() => _spaces.Dispose();

    private static void Report(int count, Dictionary<string, List<Carried>> rows)
    {
        var ceiling = Median(rows["plain copy"], static run => run.Rate);
        Console.WriteLine($"{count} {(count == 1 ? "session" : "sessions")}:");
        foreach (var (name, runs) in rows)
        {
            var rate = Median(runs, static run => run.Rate);
            var cpu = runs[0].Cpu is null ? "     "
                : Median(runs, static run => run.Cpu!.Value).ToString("0.00", CultureInfo.InvariantCulture).PadLeft(5);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {name,-26} {rate,6:0.00}  {rate / ceiling,5:0%} of the copy  {cpu}   "
                    + $"({string.Join(' ', runs.Select(static run => run.Rate.ToString("0.00", CultureInfo.InvariantCulture)))})"));
        }
    }

    private static double Median(List<Carried> runs, Func<Carried, double> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);

    private static (string Lns, string Lac) Ethernet(string session, int count)
    {
        var (lns, lac) = (new StringBuilder(), new StringBuilder());
        for (var i = 0; i < count; i++)
        {
            lns.Append(CultureInfo.InvariantCulture,
                $"      e{i}: {{ {session}, pseudowire: {{ interface: pw{i}, mtu: {Mtu}, addresses: 10.9.{i}.2/24 }} }}\n");
            lac.Append(CultureInfo.InvariantCulture,
                $"      e{i}: {{ {session}, pseudowire: {{ interface: pw{i}, mtu: {Mtu}, addresses: 10.9.{i}.1/24 }} }}\n");
        }

        return ($"peers:\n  any:\n    protocol: v3\n    endpoints:\n{lns}",
            $"tunnels:\n  t:\n    lns: 192.0.2.2\n    protocol: v3\n    sessions:\n{lac}");
    }

    private static Func<int, (string Lns, string Lac)> Ethernet(string session) => count => Ethernet(session, count);

    /// <summary>Configurations with so many PPP sessions, which the LNS has behind one interface.</summary>
    public static (string Lns, string Lac) Ppp(int count)
    {
        var lac = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            lac.Append(CultureInfo.InvariantCulture,
                $"      s{i}: {{ ppp: {{ backend: built-in, interface: ppp{i}, mtu: {Mtu}, user: u{i}, password: p }} }}\n");
        }

        var users = string.Join(", ", Enumerable.Range(0, count).Select(static i => $"u{i}: {{ password: p, address: 10.9.{i}.1 }}"));
        return ($$"""
            peers:
              any:
                lns:
                  ppp:
                    { backend: built-in, auth: chap, local: 10.9.200.1, mtu: {{Mtu}}, interface: { shared: subscribers },
                      users: { {{users}} } }

            """, $"tunnels:\n  t:\n    lns: 192.0.2.2\n    sessions:\n{lac}");
    }

    private Carried WithCopy(int count)
    {
        var farEnd = _spaces.Start(_spaces.Far, Environment.ProcessPath!, $"copy 192.0.2.2 192.0.2.1 {count}");
        _spaces.Start(_spaces.Near, Environment.ProcessPath!, $"copy 192.0.2.1 192.0.2.2 {count}");
        for (var i = 0; i < count; i++)
        {
            foreach (var (space, host) in new[] { (_spaces.Near, 1), (_spaces.Far, 2) })
            {
                TwoNamespaces.Shell($"n=0; until ip -n {space} link set copy{i} mtu {Mtu} up 2> /dev/null; do n=$((n + 1)); [ $n -lt 200 "
                    + $"]; sleep 0.05; done; ip -n {space} addr add 10.9.{i}.{host}/24 dev copy{i}");
            }
        }

        return MeasureAndStop(farEnd, count, isPpp: false);
    }

    private Carried WithL2tpd(int count, Func<int, (string Lns, string Lac)> configurations, string settings = "")
    {
        var (lns, lac) = configurations(count);
        var farEnd = _spaces.StartL2tpd(options.Program, _spaces.Far, "lns", settings + "listen: 192.0.2.2\n" + lns);
        _spaces.StartL2tpd(options.Program, _spaces.Near, "lac", settings + lac);
        return MeasureAndStop(farEnd, count, configurations == Ppp);
    }

    // The same client and the same packets; only the LNS is another.
    private Carried WithL2tpns(int count)
    {
        _spaces.Start(_spaces.Far, Environment.ProcessPath!, $"radius {L2tpns.RadiusPort} {L2tpns.RadiusSecret}");
        var farEnd = _spaces.Start(_spaces.Far, "/bin/sh",
            L2tpns.Prepare(options.L2tpns, Path.Combine(_spaces.Files, "etc"), "192.0.2.2", "10.9.200.1", Mtu));
        _spaces.StartL2tpd(options.Program, _spaces.Near, "lac", Ppp(count).Lac);
        return MeasureAndStop(farEnd, count, isPpp: true);
    }

    private Carried MeasureAndStop(Process farEnd, int count, bool isPpp)
    {
        for (var i = 0; i < count; i++)
        {
            TwoNamespaces.Shell($"n=0; until ip netns exec {_spaces.Near} ping -q -n -c 1 -W 2 "
                + $"{(isPpp ? $"-I ppp{i} 10.9.200.1" : $"10.9.{i}.2")} > /dev/null 2>&1; do n=$((n + 1)); [ $n -lt 100 ]; "
                + "sleep 0.2; done");
        }

        try
        {
            return Measure(isPpp ? "10.9.200.1" : null, count, isPpp, farEnd);
        }
        finally
        {
            _spaces.StopAll();
        }
    }

    private Carried Measure(string? address, int count, bool sameAddress, Process? farEnd = null)
    {
        var before = farEnd?.TotalProcessorTime;
        var clients = new List<Process>();
        var servers = new List<Process>();
        for (var i = 0; i < count; i++)
            servers.Add(_spaces.Start(_spaces.Far, "iperf3", $"-s -1 -p {5201 + i}"));
        Thread.Sleep(300);
        for (var i = 0; i < count; i++)
        {
            // All PPP interfaces have the same peer: its address alone says nothing of which of them is meant.
            var bind = sameAddress && address!.StartsWith("10.", StringComparison.Ordinal) ? $" -B 10.9.{i}.1%ppp{i}" : "";
            clients.Add(_spaces.Start(_spaces.Near, "iperf3",
                $"-c {(sameAddress ? address : $"10.9.{i}.2")}{bind} -p {5201 + i} -t {options.Seconds} -J"));
        }

        var sum = 0.0;
        foreach (var client in clients)
        {
            using var result = JsonDocument.Parse(client.StandardOutput.ReadToEnd());
            client.WaitForExit();
            if (!result.RootElement.TryGetProperty("end", out var end) || !end.TryGetProperty("sum_received", out var received))
                throw new InvalidOperationException($"iperf3: {result.RootElement}");
            sum += received.GetProperty("bits_per_second").GetDouble() / 1e9;
        }

        foreach (var server in servers)
            server.WaitForExit();
        farEnd?.Refresh();
        return new Carried(sum, (farEnd?.TotalProcessorTime - before)?.TotalSeconds / (sum / 8 * options.Seconds));
    }

    /// <param name="Rate">Gbit/s.</param>
    /// <param name="Cpu">Of the tunnel's far end, seconds a GByte; null without a tunnel.</param>
    private readonly record struct Carried(double Rate, double? Cpu);
}
