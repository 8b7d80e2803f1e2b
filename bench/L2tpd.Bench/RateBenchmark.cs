using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace L2tpd.Bench;

/// <summary>
/// How exactly the userspace data plane keeps the rates of subscribers: TCP and UDP by iperf3, to the subscribers and from them, one and a
/// hundred, through sessions of two l2tpd in two network namespaces. Needs root and iperf3.
/// </summary>
internal sealed class RateBenchmark(Options options) : IDisposable
{
    private const int Mtu = 1_400;
    private const int FirstPort = 5_201;
    private const string Server = "10.9.200.1";

    /// <summary>Octets of a segment of TCP without the headers of IP and TCP, and of a datagram in a packet.</summary>
    private const double TcpShare = (Mtu - 52) / (double)Mtu;
    private const int DatagramOctets = 1_200;
    private const double UdpShare = DatagramOctets / (DatagramOctets + 28.0);

    /// <summary>Seconds before the measurement, in which a full bucket empties itself.</summary>
    private const int Omitted = 3;

    private static readonly (int Count, int Megabits)[] Cases = [(1, 2), (1, 20), (1, 100), (100, 2)];

    private readonly TwoNamespaces _spaces = new();

    public int Run()
    {
        Console.WriteLine(
            $"iperf3, {options.Seconds} s after {Omitted} s, of all subscribers together: Mbit/s of IP packets, and percent of the rate");
        foreach (var (count, megabits) in Cases)
        {
            Start(count, megabits);
            var udp = $"-u -l {DatagramOctets} -b {megabits * 1.3:0.0}M";
            foreach (var (name, arguments, share) in new[]
                { ("TCP up", "", TcpShare), ("TCP down", "-R", TcpShare), ("UDP up", udp, UdpShare), ("UDP down", $"{udp} -R", UdpShare) })
            {
                var rate = Measure(count, arguments) / share / 1e6;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {count,3} x {megabits,3} Mbit/s  {name,-8} {rate,8:0.00}  {rate / (count * megabits),7:0.0%}"));
            }

            _spaces.StopAll();
        }

        return 0;
    }

    public void Dispose() => _spaces.Dispose();

    private void Start(int count, int megabits)
    {
        var users = string.Join(", ", Enumerable.Range(0, count).Select(static i => $"u{i}: {{ password: p, address: 10.9.{i}.1 }}"));
        var lac = new StringBuilder("tunnels:\n  t:\n    lns: 192.0.2.2\n    sessions:\n");
        for (var i = 0; i < count; i++)
        {
            lac.Append(CultureInfo.InvariantCulture,
                $"      s{i}: {{ ppp: {{ backend: built-in, interface: ppp{i}, mtu: {Mtu}, user: u{i}, password: p }} }}\n");
        }

        _spaces.StartL2tpd(options.Program, _spaces.Far, "lns",
            $"listen: 192.0.2.2\npeers: {{ any: {{ lns: {{ ppp: {{ backend: built-in, auth: chap, local: {Server}, mtu: {Mtu}, "
                + $"interface: {{ shared: subscribers }}, rate: {megabits}M, users: {{ {users} }} }} }} }} }}\n");
        _spaces.StartL2tpd(options.Program, _spaces.Near, "lac", lac.ToString());
        for (var i = 0; i < count; i++)
        {
            TwoNamespaces.Shell($"n=0; until ip netns exec {_spaces.Near} ping -q -n -c 1 -W 2 -I ppp{i} {Server} > /dev/null 2>&1; "
                + "do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.2; done");
        }
    }

    /// <summary>What the programs received, bit/s.</summary>
    private double Measure(int count, string arguments)
    {
        var servers = Enumerable.Range(0, count)
            .Select(i => _spaces.Start(_spaces.Far, "iperf3", $"-s -1 -p {FirstPort + i}")).ToArray();
        Thread.Sleep(300 + count * 10);
        var clients = Enumerable.Range(0, count).Select(i => _spaces.Start(_spaces.Near, "iperf3",
            $"-c {Server} -B 10.9.{i}.1%ppp{i} -p {FirstPort + i} -t {options.Seconds} -O {Omitted} -J {arguments}")).ToArray();
        var sum = clients.Sum(Received);
        foreach (var server in servers)
        {
            _ = server.StandardOutput.ReadToEnd();
            server.WaitForExit();
        }

        return sum;
    }

    private static double Received(Process client)
    {
        using var result = JsonDocument.Parse(client.StandardOutput.ReadToEnd());
        client.WaitForExit();
        if (!result.RootElement.TryGetProperty("end", out var end) || !end.TryGetProperty("sum_received", out var received))
            throw new InvalidOperationException($"iperf3: {result.RootElement}");
        return received.GetProperty("bits_per_second").GetDouble();
    }
}
