using System.Diagnostics.CodeAnalysis;

namespace L2tpd.Operations.Sessions;

/// <summary>By what the busiest sessions are chosen.</summary>
public enum BusiestOrder
{
    /// <summary>Octets per second now.</summary>
    Rate,

    /// <summary>Octets since the session was created.</summary>
    Octets,
}

/// <summary>Reads the octets of all sessions.</summary>
public delegate Task<IReadOnlyDictionary<SessionIds, SessionOctets>> OctetsReader(CancellationToken cancellation);

/// <summary>A session and its rates, octets per second.</summary>
public readonly record struct SessionRate(SessionIds Ids, double ToPeer, double FromPeer);

/// <summary>
/// Rates of all sessions, from two readings of their counters. All who ask share the readings: there is at most one in 500 ms, and none
/// when nobody asks. The first answer takes a second, because it needs a second reading. Two readings of 100,000 sessions take 10 MB; they
/// are dropped when nobody has asked for a minute. Any thread.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Lives as long as the process; the gate has no wait handle.")]
public sealed class BusiestSessions
{
    /// <summary>A reading serves questions for this time.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);

    /// <summary>An older reading is no base of a rate: an average over hours does not say who is busy now.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);

    /// <summary>Between the first two readings.</summary>
    public static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ITimer _idle;
    private volatile Pair? _pair;

    /// <param name="clock">Measures the time between readings.</param>
    public BusiestSessions(TimeProvider clock)
    {
        _clock = clock;
        _idle = clock.CreateTimer(_ => _pair = null, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The busiest of all sessions, the busiest first; of equals the one with more octets, then the lower id.</summary>
    /// <param name="read">Reads the octets of all sessions; what it throws comes out here.</param>
    /// <param name="order">By what.</param>
    /// <param name="limit">The largest number of them, 1 or more.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The seconds between the readings, and the sessions.</returns>
    public async Task<(double Seconds, IReadOnlyList<SessionRate> Sessions)> BusiestAsync(
        OctetsReader read, BusiestOrder order, int limit, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        Pair pair;
        try
        {
            _pair = pair = await NextAsync(_pair, read, cancellation).ConfigureAwait(false);
            _idle.Change(LongestInterval, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            _gate.Release();
        }

        return (pair.Seconds(_clock), pair.Busiest(order, limit, _clock));
    }

    private async Task<Pair> NextAsync(Pair? pair, OctetsReader read, CancellationToken cancellation)
    {
        if (pair is not null && _clock.GetElapsedTime(pair.Now.At) < Freshness)
            return pair;
        var before = pair?.Now;
        var now = await ReadAsync(read, cancellation).ConfigureAwait(false);
        if (before is not null && _clock.GetElapsedTime(before.At, now.At) <= LongestInterval)
            return new Pair(before, now);
        await Task.Delay(FirstInterval, _clock, cancellation).ConfigureAwait(false);
        return new Pair(now, await ReadAsync(read, cancellation).ConfigureAwait(false));
    }

    // The time is that of the middle of the reading, which takes part of a second where sessions are many.
    private async Task<Reading> ReadAsync(OctetsReader read, CancellationToken cancellation)
    {
        var start = _clock.GetTimestamp();
        var sessions = await read(cancellation).ConfigureAwait(false);
        return new Reading(start + ((_clock.GetTimestamp() - start) / 2), sessions);
    }

    private sealed record Reading(long At, IReadOnlyDictionary<SessionIds, SessionOctets> Sessions);

    private sealed record Pair(Reading Before, Reading Now)
    {
        public double Seconds(TimeProvider clock) => clock.GetElapsedTime(Before.At, Now.At).TotalSeconds;

        public SessionRate[] Busiest(BusiestOrder order, int limit, TimeProvider clock)
        {
            var seconds = Seconds(clock);
            var least = new PriorityQueue<SessionRate, Rank>();
            foreach (var (ids, octets) in Now.Sessions)
            {
                var former = Before.Sessions.GetValueOrDefault(ids);
                var rate = new SessionRate(
                    ids, Grown(former.ToPeer, octets.ToPeer) / seconds, Grown(former.FromPeer, octets.FromPeer) / seconds);
                var rank = new Rank(order == BusiestOrder.Rate ? rate.ToPeer + rate.FromPeer : octets.Total, octets.Total, ids);
                if (least.Count < limit)
                    least.Enqueue(rate, rank);
                else
                    least.EnqueueDequeue(rate, rank);
            }

            var busiest = new SessionRate[least.Count];
            for (var i = busiest.Length - 1; i >= 0; i--)
                busiest[i] = least.Dequeue();
            return busiest;
        }

        // Counters that are lower than before are those of another session with the same ids.
        private static ulong Grown(ulong before, ulong now) => now < before ? now : now - before;
    }

    private readonly record struct Rank(double First, double Second, SessionIds Ids) : IComparable<Rank>
    {
        public int CompareTo(Rank other)
        {
            if (First.CompareTo(other.First) is not 0 and var first)
                return first;
            if (Second.CompareTo(other.Second) is not 0 and var second)
                return second;
            return (other.Ids.Tunnel.Value, other.Ids.Session.Value).CompareTo((Ids.Tunnel.Value, Ids.Session.Value));
        }
    }
}
