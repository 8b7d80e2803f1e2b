using System.Numerics;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// A range of IPv4 addresses for subscribers, one bit per address. Addresses are assigned in a circle, so that an address stays unused as
/// long as possible before another subscriber gets it. The holder of an address is known to <see cref="AddressSpace"/>; the bits only mark
/// what is not available. Addresses of certain users are reserved: they are assigned by value only.
/// </summary>
public sealed class AddressPool
{
    /// <summary>Largest pool: a /8.</summary>
    public const int LargestSize = 1 << 24;

    private readonly uint _first;
    private readonly int _size;
    private readonly ulong[] _taken;
    private readonly HashSet<int> _excluded = [];
    private ulong[]? _kept;
    private int _unavailable;
    private int _cursor;

    /// <summary>Makes a pool of a range, both ends included.</summary>
    /// <exception cref="ArgumentException">The range is empty or larger than <see cref="LargestSize"/>.</exception>
    public AddressPool(string name, Ipv4Address first, Ipv4Address last)
    {
        var size = (long)last.Value - first.Value + 1;
        if (size is <= 0 or > LargestSize)
            throw new ArgumentException("an address pool has 1 to 16777216 addresses", nameof(last));

        Name = name;
        _first = first.Value;
        _size = (int)size;
        _taken = new ulong[(_size + 63) / 64];
    }

    /// <summary>The pool's name in the configuration.</summary>
    public string Name { get; }

    /// <summary>Addresses leased or excluded.</summary>
    public int Used { get; private set; }

    /// <summary>Addresses that are free, but reserved for certain users.</summary>
    public int Kept => _unavailable - Used;

    /// <summary>All addresses of the range.</summary>
    public int Size => _size;

    /// <summary>Addresses that nobody gets, for example our own.</summary>
    public int Excluded => _excluded.Count;

    /// <summary>The first address of the range.</summary>
    public Ipv4Address First => new(_first);

    /// <summary>The last address of the range.</summary>
    public Ipv4Address Last => new(_first + (uint)_size - 1);

    /// <summary>Makes a pool of a prefix without its network and broadcast addresses (RFC 3021: a /31 and a /32 have none).</summary>
    /// <param name="name">Name in the configuration.</param>
    /// <param name="prefix">Any address of the prefix.</param>
    /// <param name="length">8 to 32.</param>
    /// <exception cref="ArgumentException">The length is out of range.</exception>
    public static AddressPool FromPrefix(string name, Ipv4Address prefix, int length)
    {
        if (length is < 8 or > 32)
            throw new ArgumentException("a pool's prefix length is 8 to 32", nameof(length));

        var hosts = (uint)((1UL << (32 - length)) - 1);
        var network = prefix.Value & ~hosts;
        return length >= 31
            ? new AddressPool(name, new Ipv4Address(network), new Ipv4Address(network + hosts))
            : new AddressPool(name, new Ipv4Address(network + 1), new Ipv4Address(network + hosts - 1));
    }

    /// <summary>Excludes an address for ever, for example our own; true if it is in the pool and was free.</summary>
    public bool Exclude(Ipv4Address address) => Contains(address) && _excluded.Add(IndexOf(address)) && Mark(IndexOf(address));

    /// <summary>Whether the address lies in the range.</summary>
    public bool Contains(Ipv4Address address) => address.Value >= _first && address.Value - _first < (uint)_size;

    /// <summary>
    /// Reserves those of the addresses that are in the pool, and no others. An address in use stays in use, and is reserved once it is
    /// free.
    /// </summary>
    public void Keep(IEnumerable<Ipv4Address> addresses)
    {
        _kept = null;
        foreach (var address in addresses.Where(Contains))
        {
            _kept ??= new ulong[_taken.Length];
            var index = IndexOf(address);
            _kept[index >> 6] |= 1UL << (index & 63);
        }

        _unavailable = 0;
        for (var i = 0; i < _taken.Length; i++)
            _unavailable += BitOperations.PopCount(UnavailableOf(i));
    }

    /// <summary>Whether the address is excluded.</summary>
    internal bool Excludes(Ipv4Address address) => Contains(address) && _excluded.Contains(IndexOf(address));

    /// <summary>Finds and marks the next free address that is not reserved; false if there is none.</summary>
    internal bool TryNext(out Ipv4Address address)
    {
        address = default;
        if (_unavailable == _size)
            return false;

        while ((UnavailableOf(_cursor >> 6) & (1UL << (_cursor & 63))) != 0)
            _cursor = NextCandidate(_cursor);

        Mark(_cursor);
        address = new Ipv4Address(_first + (uint)_cursor);
        _cursor = (_cursor + 1) % _size;
        return true;
    }

    /// <summary>Marks an address as used; no effect if it is not in this pool.</summary>
    internal void Mark(Ipv4Address address)
    {
        if (Contains(address))
            Mark(IndexOf(address));
    }

    /// <summary>Marks an address as free; no effect if it is not in this pool, or is excluded.</summary>
    internal void Free(Ipv4Address address)
    {
        if (!Contains(address) || _excluded.Contains(IndexOf(address)))
            return;

        var index = IndexOf(address);
        var bit = 1UL << (index & 63);
        if ((_taken[index >> 6] & bit) != 0)
        {
            _taken[index >> 6] &= ~bit;
            Used--;
            _unavailable -= IsKept(index) ? 0 : 1;
        }
    }

    // Sixty-four addresses: used, or reserved.
    private ulong UnavailableOf(int word) => _kept is null ? _taken[word] : _taken[word] | _kept[word];

    private bool IsKept(int index) => _kept is not null && (_kept[index >> 6] & (1UL << (index & 63))) != 0;

    private int IndexOf(Ipv4Address address) => (int)(address.Value - _first);

    private bool Mark(int index)
    {
        var bit = 1UL << (index & 63);
        if ((_taken[index >> 6] & bit) != 0)
            return false;

        _taken[index >> 6] |= bit;
        Used++;
        _unavailable += IsKept(index) ? 0 : 1;
        return true;
    }

    // Full words are skipped, so that the search of a nearly full /8 takes milliseconds at most.
    private int NextCandidate(int index)
    {
        var next = index + 1;
        while (next < _size && (next & 63) == 0 && UnavailableOf(next >> 6) == ulong.MaxValue)
            next += 64;

        return next >= _size ? 0 : next;
    }
}
