using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// Address pools that users of every profile may be given by name (Framed-Pool, or <c>pool</c> of a local user). Pools may change while
/// their addresses are in use: <see cref="AddressSpace"/> knows who holds them.
/// </summary>
/// <param name="space">The addresses in use, shared with the allocators of the profiles.</param>
public sealed class NamedPools(AddressSpace space)
{
    private Dictionary<string, AddressPool[]> _pools = new(StringComparer.Ordinal);
    private AddressPool[] _all = [];

    /// <summary>The ranges of all pools, in the order of <see cref="Change"/>.</summary>
    public IReadOnlyList<AddressPool> All => _all;

    /// <summary>Replaces the pools.</summary>
    /// <param name="pools">The pools; several with one name are one pool of several ranges, used in this order.</param>
    /// <param name="excluded">Our own addresses, which nobody gets.</param>
    /// <param name="kept">Addresses of certain users: they are assigned by value only.</param>
    public void Change(IEnumerable<AddressPool> pools, IEnumerable<Ipv4Address> excluded, IReadOnlyCollection<Ipv4Address> kept)
    {
        var before = _all;
        _all = [.. pools];
        _pools = _all.GroupBy(static pool => pool.Name, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);
        foreach (var address in excluded)
        {
            foreach (var pool in _all)
                pool.Exclude(address);
        }

        space.Replace(before, _all);
        foreach (var pool in _all)
            pool.Keep(kept);
    }

    /// <summary>Whether there is a pool of this name.</summary>
    public bool Contains(string name) => _pools.ContainsKey(name);

    /// <summary>The ranges of a pool; empty if there is none of this name.</summary>
    public IReadOnlyCollection<AddressPool> Find(string name) => _pools.GetValueOrDefault(name) ?? [];

    /// <summary>Takes the next free address of a pool; <c>null</c> if there is none, or no such pool.</summary>
    internal AddressLease? Take(string name)
    {
        foreach (var range in _pools.GetValueOrDefault(name) ?? [])
        {
            if (space.Take(range) is { } lease)
                return lease;
        }

        return null;
    }
}
