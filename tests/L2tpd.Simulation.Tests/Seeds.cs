using System.Globalization;

namespace L2tpd.Simulation.Tests;

/// <summary>Which seeds a run takes: L2TPD_SEED replays one; else a block of seeds whose first is drawn anew for each run in CI.</summary>
public static class Seeds
{
    /// <summary>Seeds of a test, consecutive from a base that the failure message and the output show.</summary>
    public static IEnumerable<ulong> Take(int count)
    {
        if (Environment.GetEnvironmentVariable("L2TPD_SEED") is { Length: > 0 } text)
            return [ulong.Parse(text, CultureInfo.InvariantCulture)];
        var first = Environment.GetEnvironmentVariable("CI") == "true" ? (ulong)Environment.TickCount64 * 1_000_003 : 1;
        return Enumerable.Range(0, count).Select(i => first + (ulong)i);
    }

    /// <summary>Runs each seed; a failure shows the seed and how to replay it.</summary>
    public static void ForEach(int count, Action<ulong> test)
    {
        foreach (var seed in Take(count))
        {
            try
            {
                test(seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed} failed; replay with L2TPD_SEED={seed}: {e.Message}", e);
            }
        }
    }
}
