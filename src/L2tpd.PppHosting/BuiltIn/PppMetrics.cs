using L2tpd.Control;
using L2tpd.Engine;
using L2tpd.Runtime.Counters;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>Authentication and address pools of the built-in PPP for the registry of counters.</summary>
internal static class PppMetrics
{
    private static readonly CounterFamily Authentication = new(
        "l2tpd_ppp_authentication_seconds", "seconds",
        "Time of the access back end (local users or RADIUS) for one authentication, by result; built-in PPP.")
    {
        Kind = CounterKind.Histogram, Labels = ["result"], LastLabelValues = ["accepted", "refused"],
        Decimals = 3, Bounds = Histogram.Milliseconds,
    };

    private static readonly CounterFamily Addresses = new(
        "l2tpd_pool_addresses", "addresses",
        "IPv4 addresses of a pool: in use, free, and free but kept for certain users; profile is empty for shared pools.")
    {
        Kind = CounterKind.Gauge, Labels = ["pool", "profile", "state"], LastLabelValues = ["used", "free", "kept"],
    };

    public static void Register(CounterRegistry registry, BuiltInBackend backend)
    {
        registry.Add(Authentication, samples =>
        {
            samples.Add(backend.Accepted, "accepted");
            samples.Add(backend.Refused, "refused");
        });
        registry.Add(Addresses, samples => ReadPools(samples, backend.ListPools()));
    }

    /// <summary>A pool that has several ranges is one entry.</summary>
    private static void ReadPools(CounterSamples samples, IReadOnlyList<PoolView> pools)
    {
        foreach (var ranges in pools.Where(static pool => pool.Family == "ipv4").GroupBy(static pool => (pool.Name, pool.Profile)))
        {
            var (name, profile) = (ranges.Key.Name, ranges.Key.Profile ?? "");
            samples.Add(ranges.Sum(static pool => pool.Used), name, profile, "used");
            samples.Add(ranges.Sum(static pool => pool.Free), name, profile, "free");
            samples.Add(ranges.Sum(static pool => pool.Kept), name, profile, "kept");
        }
    }
}
