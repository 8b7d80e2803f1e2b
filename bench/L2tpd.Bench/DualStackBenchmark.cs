using System.Diagnostics;
using System.Globalization;

namespace L2tpd.Bench;

/// <summary>
/// Subscribers with IPv4 alone, and with IPv4, router advertisement and a delegated prefix by DHCPv6, behind the shared TUN of one LNS: the
/// two in turn, each on a fresh LNS, and the ratio of their rates. The client is the same (<see cref="SubscriberGenerator"/>). Needs root.
/// </summary>
internal sealed class DualStackBenchmark(Options options) : IDisposable
{
    private const string DualStack =
        "ipv6: router\n    ipv6-prefix-pool: links\n    delegated-prefix-pool: homes\n    ipv6-dns: [\"2001:db8::53\"]";

    private readonly TwoNamespaces _spaces = new();

    public int Run()
    {
        List<Result> four = [], dual = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            four.Add(Measure("IPv4", isDual: false));
            dual.Add(Measure("dual stack", isDual: true));
        }

        var (rateOfFour, rateOfDual) = (Median(four, static result => result.Rate), Median(dual, static result => result.Rate));
        var (cpuOfFour, cpuOfDual) = (Median(four, static result => result.Cpu), Median(dual, static result => result.Cpu));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"medians: IPv4 {rateOfFour:0} a second, dual stack with a delegated prefix {rateOfDual:0} a second: "
            + $"{rateOfDual / rateOfFour:0.00}; by CPU of the LNS {cpuOfFour:0.0} and {cpuOfDual:0.0} us a session: "
            + $"{cpuOfFour / cpuOfDual:0.00}"));
        return 0;
    }

    public void Dispose() => _spaces.Dispose();

    private static double Median(List<Result> results, Func<Result, double> figure) =>
        results.Select(figure).Order().ElementAt(results.Count / 2);

    private Result Measure(string name, bool isDual)
    {
        var lns = _spaces.StartL2tpd(options.Program, _spaces.Far, "lns", Configuration(isDual));
        TwoNamespaces.Shell(
            $"n=0; until ip -n {_spaces.Far} link show bench > /dev/null 2>&1; do n=$((n + 1)); [ $n -lt 200 ]; sleep 0.05; done");
        var (cpu, resident) = (Cpu(lns), Resident(lns));
        var generator = _spaces.Start(_spaces.Near, Environment.ProcessPath!,
            $"subscribers 192.0.2.1 192.0.2.2 {options.Dual} {(isDual ? "dual" : "ipv4")}");
        var line = generator.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("the load generator ended without a result");
        var parts = line.Split(' ');
        var up = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var seconds = double.Parse(parts[1], CultureInfo.InvariantCulture);
        if (up == 0)
            throw new InvalidOperationException($"no session of {options.Dual} came up");
        var result = new Result(up / seconds, (Cpu(lns) - cpu) * 1e6 / up);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-10} {up} of {options.Dual} up in {seconds:0.00} s, {result.Rate:0} a second; LNS: {result.Cpu:0.0} us of CPU and "
            + $"{(Resident(lns) - resident) / up} resident octets a session"));
        _spaces.StopAll();
        return result;
    }

    private static double Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }

    private static long Resident(Process process)
    {
        process.Refresh();
        return process.WorkingSet64;
    }

    private string Configuration(bool isDual) => $$"""
        listen: 192.0.2.2
        state-directory: {{_spaces.Files}}/state
        limits:
          { tunnels: 65535, sessions: 1000000, half-open: 65535, half-open-per-source: 65535,
            sccrq-rate-per-source: 1000000, sccrq-burst-per-source: 1000000 }
        prefix-pools:
          links: { prefix: "2001:db8:f00::/40", length: 64 }
          homes: { prefix: "2001:db8:8000::/36", length: 56 }
        peers:
          any: { secret: test, challenge: true, lns: { ppp: subscribers } }
        ppp:
          subscribers:
            backend: built-in
            interface: { shared: bench }
            auth: chap
            local: 10.99.0.1
            pool: 10.99.0.0/16
            users: { test: { password: test } }
            {{(isDual ? DualStack : "ipv6: none")}}

        """;

    /// <param name="Rate">Sessions per second.</param>
    /// <param name="Cpu">Of the LNS, us per session.</param>
    private readonly record struct Result(double Rate, double Cpu);
}
