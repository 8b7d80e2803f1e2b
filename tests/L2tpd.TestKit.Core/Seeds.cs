using System.Globalization;

namespace L2tpd.TestKit;

/// <summary>
/// Seeds of random tests. The environment variable L2TPD_SEED replays one. Without it a run takes consecutive seeds from 1, in CI (CI=true)
/// from a first seed that is drawn for each run. What fails names its seed.
/// </summary>
public static class Seeds
{
    private static readonly ulong? _given = Environment.GetEnvironmentVariable("L2TPD_SEED") is { Length: > 0 } text
        ? ulong.Parse(text, CultureInfo.InvariantCulture)
        : null;

    private static readonly bool _isCi = Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>Whether one seed is replayed: a test must not expect of it what only many seeds show.</summary>
    public static bool IsReplay => _given is not null;

    /// <summary>Tests each of the seeds.</summary>
    public static void ForEach(int count, Action<ulong> test)
    {
        var first = First();
        for (var run = 0; run < (IsReplay ? 1 : count); run++)
            Try(first + (ulong)run, test);
    }

    /// <summary>Tests up to <paramref name="count"/> seeds, fewer when the time is over, and writes how many and from which.</summary>
    public static void ForEach(int count, TimeSpan limit, Action<string> write, Action<ulong> test)
    {
        var first = First();
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        var run = 0;
        for (; run < (IsReplay ? 1 : count) && Environment.TickCount64 < end; run++)
            Try(first + (ulong)run, test);
        Assert.True(run > 0);
        write($"{run} seeds from {first}");
    }

    /// <summary>One seed for a test that draws all it needs from it; it is written, so that a failure can be replayed.</summary>
    /// <param name="write">Writes a line to the test's output.</param>
    /// <param name="usual">The seed without L2TPD_SEED; <c>null</c> for 1, and a new one for each run in CI.</param>
    public static int One(Action<string> write, int? usual = null)
    {
        var seed = _given is { } given ? (int)given : usual ?? (_isCi ? Random.Shared.Next() : 1);
        write($"L2TPD_SEED={seed}");
        return seed;
    }

    private static ulong First() => _given ?? (_isCi ? (ulong)Environment.TickCount64 * 1_000_003 : 1);

    private static void Try(ulong seed, Action<ulong> test)
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
