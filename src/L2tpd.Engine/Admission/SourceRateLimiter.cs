using L2tpd.Engine.Addressing;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Limits how often each source may ask for something: one token bucket per IPv4 address or IPv6 /64 (one host can use all of a /64),
/// whatever the port. A bounded number of sources is remembered; a new one then replaces the source that has been silent for the longest.
/// The cost of a question does not depend on the number of sources, and takes no memory once the bound is reached.
/// </summary>
public sealed class SourceRateLimiter
{
    /// <summary>The cost of one admission. A bucket gains the rate per second each millisecond, which is exact in whole numbers.</summary>
    private const long Cost = 1000;
    private const int None = -1;
    private const int InitialSlots = 16;

    private readonly long _ratePerSecond;
    private readonly long _fullBucket;
    private readonly int _trackedSources;
    private readonly Dictionary<Endpoint, int> _slotOf = [];

    /// <summary>Buckets, linked in the order in which their sources last asked. Grows up to the bound; then slots change owners.</summary>
    private Bucket[] _buckets = [];
    private int _latest = None;
    private int _longestUnheard = None;

    /// <param name="ratePerSecond">Admissions per second that a source gains, at least 1.</param>
    /// <param name="burst">Admissions at once after a long silence, at least 1.</param>
    /// <param name="trackedSources">Sources remembered, at least 1.</param>
    public SourceRateLimiter(int ratePerSecond, int burst, int trackedSources)
    {
        _ratePerSecond = Math.Max(ratePerSecond, 1);
        _fullBucket = Math.Max(burst, 1) * Cost;
        _trackedSources = Math.Max(trackedSources, 1);
    }

    /// <summary>Sources remembered.</summary>
    public int Count => _slotOf.Count;

    /// <summary>Whether the source may pass at <paramref name="now"/>. A refusal costs the source nothing.</summary>
    public bool Admit(Endpoint source, Instant now)
    {
        ref var bucket = ref BucketOf(source.SourceNetwork, now);
        Fill(ref bucket, now);
        if (bucket.Credit < Cost)
            return false;
        bucket.Credit -= Cost;
        return true;
    }

    private void Fill(ref Bucket bucket, Instant now)
    {
        var elapsed = Math.Max(now.Milliseconds - bucket.FilledAt.Milliseconds, 0);
        bucket.FilledAt = now;
        // Compared by division: a long silence times a high rate would overflow.
        var missing = _fullBucket - bucket.Credit;
        bucket.Credit = elapsed > missing / _ratePerSecond ? _fullBucket : bucket.Credit + (elapsed * _ratePerSecond);
    }

    private ref Bucket BucketOf(Endpoint source, Instant now)
    {
        if (_slotOf.TryGetValue(source, out var slot))
        {
            Unlink(slot);
        }
        else
        {
            slot = FreeSlot();
            _slotOf.Add(source, slot);
            _buckets[slot] = new Bucket { Source = source, Credit = _fullBucket, FilledAt = now };
        }

        LinkAsLatest(slot);
        return ref _buckets[slot];
    }

    private int FreeSlot()
    {
        if (_slotOf.Count < _trackedSources)
        {
            if (_slotOf.Count == _buckets.Length)
                Array.Resize(ref _buckets, (int)Math.Min(Math.Max(InitialSlots, _buckets.Length * 2L), _trackedSources));
            return _slotOf.Count;
        }

        var slot = _longestUnheard;
        Unlink(slot);
        _slotOf.Remove(_buckets[slot].Source);
        return slot;
    }

    private void LinkAsLatest(int slot)
    {
        _buckets[slot].Earlier = _latest;
        _buckets[slot].Later = None;
        if (_latest == None)
            _longestUnheard = slot;
        else
            _buckets[_latest].Later = slot;
        _latest = slot;
    }

    private void Unlink(int slot)
    {
        var (earlier, later) = (_buckets[slot].Earlier, _buckets[slot].Later);
        if (earlier == None)
            _longestUnheard = later;
        else
            _buckets[earlier].Later = later;
        if (later == None)
            _latest = earlier;
        else
            _buckets[later].Earlier = earlier;
    }

    private struct Bucket
    {
        public Endpoint Source;
        public long Credit;
        public Instant FilledAt;
        public int Earlier;
        public int Later;
    }
}
