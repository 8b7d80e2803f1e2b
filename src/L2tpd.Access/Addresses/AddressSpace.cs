using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>An address that belongs to one session until it is released.</summary>
public sealed class AddressLease : IAddressLease
{
    private readonly AddressSpace _space;

    internal AddressLease(AddressSpace space, Ipv4Address address) => (_space, Address) = (space, address);

    /// <inheritdoc/>
    public Ipv4Address Address { get; }

    /// <inheritdoc/>
    public bool Release() => _space.Release(this);
}

/// <summary>
/// Who holds which IPv4 address, over all profiles and all their changes: a pool may shrink, move or go away while its addresses are in
/// use, and what takes its place hands out none of them. A lease can be given back once; a second time changes nothing.
/// </summary>
public sealed class AddressSpace
{
    private readonly Dictionary<Ipv4Address, AddressLease> _leases = [];
    private readonly List<AddressPool> _pools = [];

    /// <summary>Addresses in use.</summary>
    public int Count => _leases.Count;

    /// <summary>Whether the address is somebody's.</summary>
    public bool IsLeased(Ipv4Address address) => _leases.ContainsKey(address);

    /// <summary>Puts pools in the place of others. What is in use of their addresses stays so.</summary>
    public void Replace(IReadOnlyCollection<AddressPool> before, IReadOnlyCollection<AddressPool> after)
    {
        _pools.RemoveAll(before.Contains);
        foreach (var address in _leases.Keys)
        {
            foreach (var pool in after)
                pool.Mark(address);
        }

        _pools.AddRange(after);
    }

    /// <summary>Takes the next free address of a pool; null when there is none.</summary>
    public AddressLease? Take(AddressPool pool)
    {
        while (pool.TryNext(out var address))
        {
            if (!_leases.ContainsKey(address))
                return Hold(address);
        }

        return null;
    }

    /// <summary>Takes a certain address, of a pool or not; null when it is somebody's, taken out of a pool for good, or not a host's.</summary>
    public AddressLease? Take(Ipv4Address address) =>
        !address.IsHost || _leases.ContainsKey(address) || _pools.Exists(pool => pool.Excludes(address)) ? null : Hold(address);

    /// <summary>Gives an address back.</summary>
    /// <returns>False when the lease was given back before: nothing changed.</returns>
    public bool Release(AddressLease lease)
    {
        if (!_leases.TryGetValue(lease.Address, out var held) || !ReferenceEquals(held, lease))
            return false;

        _leases.Remove(lease.Address);
        foreach (var pool in _pools)
            pool.Free(lease.Address);

        return true;
    }

    private AddressLease Hold(Ipv4Address address)
    {
        foreach (var pool in _pools)
            pool.Mark(address);

        return _leases[address] = new AddressLease(this, address);
    }
}
