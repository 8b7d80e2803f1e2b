using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace L2tpd.Access;

/// <summary>
/// IPv6 prefixes of one length out of an aggregate. A user gets the prefix it had before, for <see cref="Memory"/> after its last session:
/// IPv6 hosts bear a change badly. Others get a prefix that was never assigned, and when there is none left, the one that was released
/// first.
/// </summary>
/// <remarks>
/// An aggregate may have 2^64 prefixes: nothing here is as large as the aggregate. The memory is that of the prefixes in use and of at most
/// <see cref="MostRemembered"/> others; every operation takes a time that does not depend on the size.
/// </remarks>
public sealed class PrefixPool
{
    /// <summary>How long a free prefix is kept for its last user, seconds.</summary>
    public const long Memory = 24 * 3600;

    /// <summary>Free prefixes that are remembered; with more, the one that was released first is assigned again.</summary>
    public const int MostRemembered = 262_144;

    // Prefixes by value within the pool, which come back when their sessions end.
    private const int MostReturned = 65_536;

    private readonly PrefixRange _aggregate;
    private readonly int _shift;
    private readonly Dictionary<UInt128, PrefixEntry> _entries = [];
    private readonly Dictionary<string, PrefixEntry> _byUser = new(StringComparer.Ordinal);
    private readonly LinkedList<PrefixEntry> _free = new();
    private readonly SortedSet<(UInt128 First, UInt128 Last)> _returned = [];
    private UInt128 _next;
    private UInt128 _end;

    /// <summary>Makes a pool.</summary>
    /// <param name="name">Its name in the configuration.</param>
    /// <param name="aggregate">The IPv6 prefix to divide.</param>
    /// <param name="length">Length of the prefixes: at least that of the aggregate, and at most 64 more.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or the aggregate is not IPv6.</exception>
    public PrefixPool(string name, IPNetwork aggregate, int length)
    {
        if (length < aggregate.PrefixLength || length > 128 || length - aggregate.PrefixLength > 64 || aggregate.PrefixLength == 0)
            throw new ArgumentException("the prefixes of a pool are up to 64 bits longer than its aggregate", nameof(length));

        (Name, Aggregate, Length) = (name, aggregate, length);
        _aggregate = PrefixRange.From(aggregate);
        _shift = 128 - length;
        _end = Size - 1;
        // The first address of a network is that of any of its routers (RFC 4291 section 2.6.1).
        _next = length == 128 && aggregate.PrefixLength < 127 ? 1u : 0u;
    }

    /// <summary>The name in the configuration.</summary>
    public string Name { get; }

    /// <summary>What is divided.</summary>
    public IPNetwork Aggregate { get; }

    /// <summary>Length of the prefixes.</summary>
    public int Length { get; }

    /// <summary>All prefixes.</summary>
    public UInt128 Size => UInt128.One << (Length - Aggregate.PrefixLength);

    /// <summary>Prefixes that sessions have of this pool.</summary>
    public int Used => _entries.Count - _free.Count;

    /// <summary>Free prefixes that are remembered.</summary>
    public int Remembered => _free.Count;

    internal bool IsSame(PrefixPool other) => Name == other.Name && Aggregate.Equals(other.Aggregate) && Length == other.Length;

    /// <summary>Takes the user's last prefix, or another one.</summary>
    /// <param name="space">The prefixes in use.</param>
    /// <param name="user">The user; <c>null</c>: not known.</param>
    /// <param name="now">Seconds since 1970.</param>
    internal PrefixLease? Take(PrefixSpace space, string? user, long now)
    {
        if (user is not null && _byUser.TryGetValue(user, out var own) && own.Lease is null)
        {
            if (TryHold(space, own, out var lease))
                return lease;

            // A prefix by value is in its place: the user gets another one.
            Forget(own);
        }

        if (_free.First is { Value: var oldest } && (oldest.ReleasedAt + Memory <= now || _free.Count >= MostRemembered)
            && TryReuse(space, user, out var again))
        {
            return again;
        }

        while (TryNext(space, out var index))
        {
            var entry = new PrefixEntry(index);
            if (!TryHold(space, entry, out var lease))
                continue;

            _entries.Add(index, entry);
            Remember(entry, user);
            return lease;
        }

        return TryReuse(space, user, out var last) ? last : null;
    }

    /// <summary>A session gave its prefix back.</summary>
    internal void Release(PrefixEntry entry, long now)
    {
        entry.Lease = null;
        entry.ReleasedAt = now;
        entry.Place = _free.AddLast(entry);
    }

    /// <summary>A prefix that is not of this pool, but overlaps it, is free again.</summary>
    internal void Return(PrefixRange range)
    {
        if (!_aggregate.Overlaps(range) || _returned.Count >= MostReturned)
            return;

        var first = UInt128.Max(range.First, _aggregate.First) - _aggregate.First;
        var last = UInt128.Min(range.Last, _aggregate.Last) - _aggregate.First;
        _returned.Add((first >> _shift, last >> _shift));
    }

    /// <summary>Remembers a prefix of an earlier run for its user.</summary>
    /// <returns>False if it is not one of this pool, or is known already.</returns>
    internal bool Restore(PrefixRange range, string user, long releasedAt)
    {
        if (range.Length != Length || !_aggregate.Contains(range) || _free.Count >= MostRemembered || _byUser.ContainsKey(user))
            return false;

        var entry = new PrefixEntry((range.First - _aggregate.First) >> _shift) { User = user };
        if (!_entries.TryAdd(entry.Index, entry))
            return false;

        _byUser.Add(user, entry);
        Release(entry, releasedAt);
        return true;
    }

    /// <summary>What is worth keeping for the next run: the prefixes of known users, those released first at the beginning.</summary>
    internal void Describe(List<PrefixRecord> records, long now)
    {
        foreach (var entry in _free)
        {
            if (entry.User is { } user && entry.ReleasedAt + Memory > now)
                records.Add(new PrefixRecord(Name, RangeOf(entry.Index), user, entry.ReleasedAt));
        }

        foreach (var entry in _entries.Values)
        {
            if (entry is { Lease: not null, User: { } user })
                records.Add(new PrefixRecord(Name, RangeOf(entry.Index), user, now));
        }
    }

    private PrefixRange RangeOf(UInt128 index) => new(_aggregate.First + (index << _shift), Length);

    // Goes on behind a prefix in use, however large it is; then to the ranges that came back.
    private bool TryNext(PrefixSpace space, out UInt128 index)
    {
        while (true)
        {
            while (_next <= _end)
            {
                index = _next;
                if (space.Overlapping(RangeOf(index)) is { } lease)
                {
                    _next = ((lease.Range.Last - _aggregate.First) >> _shift) + 1;
                    continue;
                }

                _next++;
                if (!_entries.ContainsKey(index))
                    return true;
            }

            index = default;
            if (_returned.Count == 0)
                return false;

            (_next, _end) = _returned.Min;
            _returned.Remove((_next, _end));
        }
    }

    private bool TryReuse(PrefixSpace space, string? user, [NotNullWhen(true)] out PrefixLease? lease)
    {
        while (_free.First is { Value: var oldest })
        {
            Forget(oldest);
            if (!TryHold(space, oldest, out lease))
                continue;

            _entries.Add(oldest.Index, oldest);
            Remember(oldest, user);
            return true;
        }

        lease = null;
        return false;
    }

    private bool TryHold(PrefixSpace space, PrefixEntry entry, [NotNullWhen(true)] out PrefixLease? lease)
    {
        lease = space.TryHold(new PrefixLease(RangeOf(entry.Index), this) { Entry = entry });
        if (lease is null)
            return false;

        entry.Lease = lease;
        if (entry.Place is { } place)
            _free.Remove(place);

        entry.Place = null;
        return true;
    }

    // A second session of the same user has its prefix for itself only.
    private void Remember(PrefixEntry entry, string? user) =>
        entry.User = user is not null && _byUser.TryAdd(user, entry) ? user : null;

    private void Forget(PrefixEntry entry)
    {
        if (entry.User is { } user)
            _byUser.Remove(user);

        if (entry.Place is { } place)
            _free.Remove(place);

        _entries.Remove(entry.Index);
        (entry.User, entry.Place) = (null, null);
    }
}
