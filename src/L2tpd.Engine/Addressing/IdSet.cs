using System.Numerics;
using L2tpd.Protocol;

namespace L2tpd.Engine.Addressing;

/// <summary>
/// Session ids in use: those a peer has given its ends of calls, in every tunnel, and ours of L2TPv3. An open table, <see
/// cref="SessionId.None"/> for a free slot: a <c>HashSet</c> takes several times the memory, and the time when it grows.
/// </summary>
public struct IdSet
{
    private const int SmallestTable = 8;

    private SessionId[]? _slots;

    /// <summary>Ids in the set.</summary>
    public int Count { get; private set; }

    /// <summary>True when the id is in the set.</summary>
    public readonly bool Contains(SessionId id) => _slots is not null && _slots[Find(id)] == id;

    /// <summary>Takes an id, not 0.</summary>
    /// <returns>False if it was there.</returns>
    public bool Add(SessionId id)
    {
        if (Contains(id))
            return false;
        // At most three quarters full: the search for an absent id ends soon.
        if (_slots is null || (Count + 1) * 4 > _slots.Length * 3)
            Resize(_slots is null ? SmallestTable : _slots.Length * 2);
        _slots![Find(id)] = id;
        Count++;
        return true;
    }

    /// <summary>Gives an id back; nothing happens when it is not there.</summary>
    public void Remove(SessionId id)
    {
        if (id.IsNone || !Contains(id))
            return;
        CloseGap(Find(id));
        Count--;
        if (Count == 0)
            _slots = null;
        else if (Count * 8 < _slots!.Length && _slots.Length > SmallestTable)
            Resize(_slots.Length / 2);
    }

    /// <summary>Where the id is, or the free slot where it would be.</summary>
    private readonly int Find(SessionId id)
    {
        var mask = _slots!.Length - 1;
        var at = Home(id);
        while (!_slots[at].IsNone && _slots[at] != id)
            at = (at + 1) & mask;
        return at;
    }

    /// <summary>Neighbouring ids far apart: the top bits of a multiplication by the golden ratio.</summary>
    private readonly int Home(SessionId id) => (int)((id.Value * 0x9e3779b9u) >> (32 - BitOperations.Log2((uint)_slots!.Length)));

    /// <summary>
    /// Moves back those that stand behind the gap because their own slot was taken: a search stops at the first free slot.
    /// </summary>
    private readonly void CloseGap(int gap)
    {
        var mask = _slots!.Length - 1;
        for (var at = (gap + 1) & mask; !_slots[at].IsNone; at = (at + 1) & mask)
        {
            // It may not move to before its home.
            if (((at - Home(_slots[at])) & mask) < ((at - gap) & mask))
                continue;
            _slots[gap] = _slots[at];
            gap = at;
        }

        _slots[gap] = SessionId.None;
    }

    private void Resize(int length)
    {
        var former = _slots ?? [];
        _slots = new SessionId[length];
        foreach (var id in former)
        {
            if (!id.IsNone)
                _slots[Find(id)] = id;
        }
    }
}
