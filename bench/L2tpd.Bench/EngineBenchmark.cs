using System.Globalization;
using System.Net;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Digests;

namespace L2tpd.Bench;

/// <summary>
/// What a call costs the engine of the LNS, without sockets: two engines in this process hand each other their datagrams, and only the time
/// and the allocations of the LNS count. Workloads run in turn, so that other work on the machine strikes all of them: the least of the
/// rounds is the figure with the least of other work in it.
/// </summary>
internal sealed class EngineBenchmark(int rounds)
{
    private const int Tunnels = 100;
    private const int Sessions = 100;

    private static readonly (string Name, Workload Work)[] Workloads =
    [
        ("v2", Workload.V2("v2", Tunnels, Sessions)),
        ("v3, no digest", Workload.V3("v3", Tunnels, Sessions, null)),
        ("v3, HMAC-MD5", Workload.V3("v3", Tunnels, Sessions, DigestType.HmacMd5)),
        ("v3, HMAC-SHA1", Workload.V3("v3", Tunnels, Sessions, DigestType.HmacSha1)),
        ("v3, one end id", Workload.V3("v3", Tunnels, Sessions, null) with { EndId = "same" }),
    ];

    public int Run()
    {
        var samples = Workloads.ToDictionary(work => work.Name, _ => new List<Sample>());
        foreach (var (_, work) in Workloads)
            Measure(work);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, work) in Workloads)
                samples[name].Add(Measure(work));
        }

        Console.WriteLine($"{Tunnels} tunnels x {Sessions} calls, set up and ended; least and median of {rounds} rounds");
        Console.WriteLine($"{"",-18}{"ns a call",10}{"median",10}{"octets",10}{"longest input, us",20}{"ns an end",12}");
        foreach (var (name, _) in Workloads)
            Print(name, samples[name]);
        return 0;
    }

    private static void Print(string name, List<Sample> samples)
    {
        var times = samples.Select(s => s.Nanoseconds).Order().ToArray();
        var longest = samples.Select(s => s.LongestMicroseconds).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-18}{times[0],10:0}{times[times.Length / 2],10:0}{samples[^1].Octets,10:0}{longest[0],20:0}"
            + $"{samples.Min(s => s.EndNanoseconds),12:0}"));
    }

    private static Sample Measure(Workload work)
    {
        var lns = new EngineEnd(new EngineConfiguration
        {
            HostName = "lns",
            Peers = [work.Rules with { Name = "any" }],
            Limits = new EngineLimits { MaxHalfOpenPerSource = Tunnels, SccrqBurstPerSource = Tunnels, SccrqRatePerSource = Tunnels },
        }, IPAddress.Parse("192.0.2.2"), IPAddress.Parse("192.0.2.1"));
        var lac = new EngineEnd(
            LoadGenerator.Dialling(work.Rules, Tunnels, Sessions, 1701, work.EndId), IPAddress.Parse("192.0.2.1"),
            IPAddress.Parse("192.0.2.2"));
        lac.Start();
        // The first run of messages sets up the tunnels; calls follow when they are up.
        while (lns.TunnelsUp < Tunnels)
            Exchange(lac, lns);
        lns.Begin();
        while (lns.SessionsUp < Tunnels * Sessions)
            Exchange(lac, lns);
        var calls = (double)lns.SessionsUp;
        var sample = new Sample(lns.Nanoseconds / calls, lns.Allocated / calls, lns.Longest.TotalMicroseconds, 0);
        lac.ShutDown();
        lns.Begin();
        Exchange(lac, lns);
        return sample with { EndNanoseconds = lns.Nanoseconds / calls };
    }

    private static void Exchange(EngineEnd lac, EngineEnd lns)
    {
        lac.Run();
        if (lac.Pending + lns.Pending == 0)
            throw new InvalidOperationException($"nothing moves: {lns.TunnelsUp} tunnels, {lns.SessionsUp} sessions");
        lns.Take(lac);
        lac.Take(lns);
    }

    private sealed record Sample(double Nanoseconds, double Octets, double LongestMicroseconds, double EndNanoseconds);
}
