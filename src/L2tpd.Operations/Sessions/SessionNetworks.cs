using L2tpd.Engine.Calls;

namespace L2tpd.Operations.Sessions;

/// <summary>Sessions by the addresses and prefixes of their users.</summary>
internal sealed class SessionNetworks
{
    private readonly SortedSet<Entry> _entries = new(Comparer<Entry>.Create(Compare));

    /// <summary>How many entries there are of each length: only these lengths can contain an address.</summary>
    private readonly int[] _lengths = new int[129];

    public void Add(AddressRange range, Session session)
    {
        if (_entries.Add(Entry.Of(range, session)))
            _lengths[range.Length]++;
    }

    public void Remove(AddressRange range, Session session)
    {
        if (_entries.Remove(Entry.Of(range, session)))
            _lengths[range.Length]--;
    }

    /// <summary>Sessions with a network that lies in this one or contains it, each once.</summary>
    public IReadOnlyCollection<Session> Of(AddressRange range)
    {
        var found = new HashSet<Session>();
        for (var length = 0; length < range.Length; length++)
        {
            if (_lengths[length] > 0)
                Add(found, range.Within(length), range.Within(length));
        }

        Add(found, range, new AddressRange(range.Last, 128));
        return found;
    }

    private void Add(HashSet<Session> found, AddressRange from, AddressRange to)
    {
        foreach (var entry in _entries.GetViewBetween(new Entry(from, 0, null), new Entry(to, ulong.MaxValue, null)))
            found.Add(entry.Session!);
    }

    private static int Compare(Entry one, Entry other)
    {
        var order = one.Range.First.CompareTo(other.Range.First);
        if (order == 0)
            order = one.Range.Length.CompareTo(other.Range.Length);
        return order == 0 ? one.Id.CompareTo(other.Id) : order;
    }

    private readonly record struct Entry(AddressRange Range, ulong Id, Session? Session)
    {
        public static Entry Of(AddressRange range, Session session) =>
            new(range, ((ulong)session.Tunnel.LocalId.Value << 32) | session.LocalId.Value, session);
    }
}
