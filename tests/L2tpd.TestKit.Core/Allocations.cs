namespace L2tpd.TestKit;

/// <summary>What code allocates on the thread that runs it.</summary>
public static class Allocations
{
    private const int MostRuns = 5;

    /// <summary>
    /// Octets that <paramref name="work"/> allocates: of up to five runs the least, no further run after one of at most
    /// <paramref name="expected"/>. The runtime allocates on the same thread now and then, a new table of casts after a collection that
    /// another thread caused, for example: what the code allocates, it allocates in every run.
    /// </summary>
    public static long Of(Action work, long expected = 0)
    {
        var least = long.MaxValue;
        for (var run = 0; run < MostRuns && least > expected; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
