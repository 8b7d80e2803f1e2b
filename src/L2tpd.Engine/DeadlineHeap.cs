namespace L2tpd.Engine;

/// <summary>An item of a <see cref="DeadlineHeap{T}"/>.</summary>
public interface IDeadlineItem
{
    /// <summary>The place of the item in the heap; 0 if it is in none. Only the heap writes it.</summary>
    int HeapIndex { get; set; }
}

/// <summary>
/// The earliest of many deadlines: a binary heap whose items know their place, so that a deadline is moved or removed in O(log n).
/// </summary>
/// <remarks>
/// A deadline that moves to a later time may stay where it is, which is the usual case (each received message postpones the HELLO): use
/// <see cref="Advance"/>, and when the item comes up before its real deadline, file it again with <see cref="Update"/>. An item must not be
/// in two heaps.
/// </remarks>
public sealed class DeadlineHeap<T>
    where T : class, IDeadlineItem
{
    private const int InitialCapacity = 16;

    /// <summary>From index 1 on: 0 means "in no heap", and the parent of i is i / 2.</summary>
    private (Instant Deadline, T Item)[] _slots = [];

    public int Count { get; private set; }

    /// <summary>The earliest deadline filed; <see cref="Instant.Never"/> when the heap is empty.</summary>
    public Instant NextDeadline => Count == 0 ? Instant.Never : _slots[1].Deadline;

    /// <summary>The item with the earliest deadline, which stays in the heap; <c>null</c> when the heap is empty.</summary>
    public T? Peek() => Count == 0 ? null : _slots[1].Item;

    /// <summary>The deadline an item is filed under; <see cref="Instant.Never"/> when it is not.</summary>
    public Instant DeadlineOf(T item) => item.HeapIndex == 0 ? Instant.Never : _slots[item.HeapIndex].Deadline;

    /// <summary>Files an item under this deadline, whether it was filed before or not. <see cref="Instant.Never"/> removes it.</summary>
    public void Update(T item, Instant deadline)
    {
        if (deadline == Instant.Never)
        {
            Remove(item);
            return;
        }

        if (item.HeapIndex == 0)
        {
            if (Count + 1 >= _slots.Length)
                Array.Resize(ref _slots, Math.Max(InitialCapacity, _slots.Length * 2));
            Rise(++Count, (deadline, item));
        }
        else
        {
            Settle(item.HeapIndex, (deadline, item));
        }
    }

    /// <summary>Files an item that is not filed, or is filed under a later deadline; one filed earlier stays where it is.</summary>
    public void Advance(T item, Instant deadline)
    {
        if (deadline < DeadlineOf(item))
            Update(item, deadline);
    }

    /// <summary>Removes an item; false if it was not in the heap.</summary>
    public bool Remove(T item)
    {
        var index = item.HeapIndex;
        if (index == 0)
            return false;
        item.HeapIndex = 0;
        var last = _slots[Count];
        _slots[Count--] = default;
        if (index <= Count)
            Settle(index, last);
        return true;
    }

    private void Settle(int index, (Instant Deadline, T Item) entry)
    {
        if (index > 1 && entry.Deadline < _slots[index / 2].Deadline)
            Rise(index, entry);
        else
            Sink(index, entry);
    }

    private void Rise(int index, (Instant Deadline, T Item) entry)
    {
        while (index > 1 && entry.Deadline < _slots[index / 2].Deadline)
        {
            Place(index, _slots[index / 2]);
            index /= 2;
        }

        Place(index, entry);
    }

    private void Sink(int index, (Instant Deadline, T Item) entry)
    {
        while (index * 2 <= Count)
        {
            var child = index * 2;
            if (child < Count && _slots[child + 1].Deadline < _slots[child].Deadline)
                child++;
            if (entry.Deadline <= _slots[child].Deadline)
                break;
            Place(index, _slots[child]);
            index = child;
        }

        Place(index, entry);
    }

    private void Place(int index, (Instant Deadline, T Item) entry)
    {
        _slots[index] = entry;
        entry.Item.HeapIndex = index;
    }
}
