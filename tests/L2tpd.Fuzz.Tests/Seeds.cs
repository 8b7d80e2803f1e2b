using System.Globalization;
using Xunit.Abstractions;

namespace L2tpd.Fuzz.Tests;

/// <summary>
/// Which seeds a fuzz test takes: L2TPD_SEED replays one; else a block whose first is printed, drawn anew for each run in CI.
/// </summary>
public static class Seeds
{
    /// <summary>
    /// Runs up to <paramref name="count"/> seeds, fewer when the time is over; a failure says which, and how to replay it.
    /// </summary>
    public static void ForEach(int count, TimeSpan limit, ITestOutputHelper output, Action<ulong> test)
    {
        var given = Environment.GetEnvironmentVariable("L2TPD_SEED") is { Length: > 0 } text
            ? ulong.Parse(text, CultureInfo.InvariantCulture)
            : (ulong?)null;
        var first = given ?? (Environment.GetEnvironmentVariable("CI") == "true" ? (ulong)Environment.TickCount64 * 1_000_003 : 1);
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        var run = 0;
        for (; run < (given is null ? count : 1) && Environment.TickCount64 < end; run++)
        {
            var seed = first + (ulong)run;
            try
            {
                test(seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed} failed; replay with L2TPD_SEED={seed}: {e}", e);
            }
        }

        Assert.True(run > 0);
        output.WriteLine($"{run} seeds from {first}");
    }
}

/// <summary>SplitMix64, so that a seed replays everywhere.</summary>
public sealed class SeededRandom(ulong seed) : L2tpd.Engine.IRandomSource
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public bool Chance(double probability) => Next() / (double)ulong.MaxValue < probability;

    public void Fill(Span<byte> destination)
    {
        foreach (ref var octet in destination)
            octet = (byte)Next();
    }
}
