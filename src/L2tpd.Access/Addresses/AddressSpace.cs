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
/// The IPv4 addresses in use, over all profiles and their changes. A pool may shrink, move or be removed while its addresses are in use;
/// the pools that replace it do not assign them. A lease is released once; a second time has no effect.
/// </summary>
public sealed class AddressSpace
{
    private readonly Dictionary<Ipv4Address, AddressLease> _leases = [];
    private readonly List<AddressPool> _pools = [];

    /// <summary>Addresses in use.</summary>
    public int Count => _leases.Count;

    /// <summary>Replaces pools by others. Addresses in use stay in use.</summary>
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

    /// <summary>Takes the next free address of a pool; <c>null</c> if there is none.</summary>
    public AddressLease? Take(AddressPool pool)
    {
        while (pool.TryNext(out var address))
        {
            if (!_leases.ContainsKey(address))
                return Hold(address);
        }

        return null;
    }

    /// <summary>
    /// Takes a certain address, in a pool or not; <c>null</c> if it is in use, excluded from a pool, or not valid for a host.
    /// </summary>
    public AddressLease? Take(Ipv4Address address) =>
        !address.IsHost || _leases.ContainsKey(address) || _pools.Exists(pool => pool.Excludes(address)) ? null : Hold(address);

    /// <summary>Gives an address back.</summary>
    /// <returns>False if the lease was released before.</returns>
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
