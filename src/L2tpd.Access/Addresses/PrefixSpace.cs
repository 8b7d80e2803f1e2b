using System.Net;

namespace L2tpd.Access;

/// <summary>
/// The IPv6 prefixes and addresses in use, of pools and by value, and the pools. No two in use overlap, whatever their lengths. A pool may
/// change or be removed while its prefixes are in use; the pools that replace it do not assign them. Loop thread only.
/// </summary>
public sealed class PrefixSpace
{
    private readonly SortedSet<PrefixLease> _leases =
        new(Comparer<PrefixLease>.Create(static (one, other) => one.Range.First.CompareTo(other.Range.First)));

    private readonly Dictionary<string, PrefixPool> _pools = new(StringComparer.Ordinal);

    /// <summary>Prefixes and addresses in use.</summary>
    public int Count => _leases.Count;

    /// <summary>The pools.</summary>
    public IReadOnlyCollection<PrefixPool> Pools => _pools.Values;

    /// <summary>Grows whenever something changed that <see cref="Describe"/> describes.</summary>
    public long Version { get; private set; }

    /// <summary>Replaces the pools. One with the same name, aggregate and length stays, with its memory.</summary>
    public void Replace(IReadOnlyCollection<PrefixPool> pools)
    {
        var before = _pools.Values.ToDictionary(static pool => pool.Name, StringComparer.Ordinal);
        _pools.Clear();
        foreach (var pool in pools)
            _pools.Add(pool.Name, before.GetValueOrDefault(pool.Name) is { } same && same.IsSame(pool) ? same : pool);

        Version++;
    }

    /// <summary>The pool of a name; <c>null</c> if there is none.</summary>
    public PrefixPool? Find(string name) => _pools.GetValueOrDefault(name);

    /// <summary>Takes a prefix of a pool; <c>null</c> if none is left.</summary>
    /// <param name="pool">One of <see cref="Pools"/>.</param>
    /// <param name="user">Who gets the same again; <c>null</c>: not known.</param>
    /// <param name="now">Seconds since 1970.</param>
    public PrefixLease? Take(PrefixPool pool, string? user, long now)
    {
        Version++;
        return pool.Take(this, user, now);
    }

    /// <summary>Takes a certain prefix, of a pool or not; <c>null</c> if it overlaps one in use.</summary>
    public PrefixLease? Take(IPNetwork network) => TryHold(new PrefixLease(PrefixRange.From(network), pool: null));

    /// <summary>Gives a prefix back; a second time has no effect.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="now">Seconds since 1970.</param>
    public void Release(PrefixLease lease, long now)
    {
        if (!_leases.TryGetValue(lease, out var held) || !ReferenceEquals(held, lease))
            return;

        _leases.Remove(lease);
        Version++;
        if (lease is { Pool: { } pool, Entry: { } entry })
            pool.Release(entry, now);

        foreach (var other in _pools.Values)
        {
            if (!ReferenceEquals(other, lease.Pool))
                other.Return(lease.Range);
        }
    }

    /// <summary>Remembers the prefixes of users of an earlier run.</summary>
    /// <returns>How many there are a use for: their pools still exist.</returns>
    public int Restore(IEnumerable<PrefixRecord> records, long now)
    {
        var count = 0;
        foreach (var record in records)
        {
            if (record.ReleasedAt + PrefixPool.Memory > now
                && Find(record.Pool)?.Restore(record.Range, record.User, Math.Min(record.ReleasedAt, now)) == true)
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>What the next run should remember.</summary>
    public List<PrefixRecord> Describe(long now)
    {
        var records = new List<PrefixRecord>(_leases.Count);
        foreach (var pool in _pools.Values)
            pool.Describe(records, now);

        return records;
    }

    /// <summary>A prefix in use that overlaps; <c>null</c>: there is none.</summary>
    public PrefixLease? Overlapping(IPNetwork network) => Overlapping(PrefixRange.From(network));

    // Those in use do not overlap each other: of all that begin before the range's end, the last one overlaps it, or none does.
    internal PrefixLease? Overlapping(PrefixRange range)
    {
        if (_leases.Count == 0)
            return null;

        var lowest = new PrefixLease(new PrefixRange(UInt128.Zero, 128), pool: null);
        var highest = new PrefixLease(new PrefixRange(range.Last, 128), pool: null);
        return _leases.GetViewBetween(lowest, highest).Max is { } candidate && candidate.Range.Overlaps(range) ? candidate : null;
    }

    internal PrefixLease? TryHold(PrefixLease lease) => Overlapping(lease.Range) is null && _leases.Add(lease) ? lease : null;
}
