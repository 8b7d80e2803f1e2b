namespace L2tpd.Operations.Control;

/// <summary>Keeps the items with the lowest keys: a page out of an unordered table in one pass, with bounded memory.</summary>
internal sealed class LowestKeys<T>(int capacity)
{
    private readonly PriorityQueue<T, ulong> _largestFirst = new(Comparer<ulong>.Create(static (a, b) => b.CompareTo(a)));

    /// <summary>More items were offered than are kept.</summary>
    public bool Overflowed { get; private set; }

    public void Offer(ulong key, T item)
    {
        if (_largestFirst.Count < capacity)
        {
            _largestFirst.Enqueue(item, key);
            return;
        }

        Overflowed = true;
        _largestFirst.EnqueueDequeue(item, key);
    }

    /// <summary>The items kept, by rising key.</summary>
    public List<T> Take()
    {
        var items = new List<T>(_largestFirst.Count);
        while (_largestFirst.TryDequeue(out var item, out _))
            items.Add(item);
        items.Reverse();
        return items;
    }
}
