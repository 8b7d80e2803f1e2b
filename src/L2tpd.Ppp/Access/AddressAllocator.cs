namespace L2tpd.Ppp.Access;

/// <summary>Turns what a user may have into addresses for one link, and takes them back once.</summary>
public sealed class AddressAllocator
{
    private readonly Dictionary<string, AddressPool[]> _pools;
    private readonly Dictionary<Ipv4Address, AddressPool> _fixed = [];
    private readonly AddressGrant _template;
    private readonly string? _defaultPool;

    /// <param name="local">Our address on every link, taken out of the pools.</param>
    /// <param name="pools">The pools, by their names; several of one name are one pool of several ranges, used in this order.</param>
    /// <param name="defaultPool">For users without a pool of their own; null: such users get none.</param>
    /// <param name="template">Name servers for users without their own; its addresses are not used. Null: none.</param>
    public AddressAllocator(Ipv4Address local, IEnumerable<AddressPool> pools, string? defaultPool, AddressGrant? template = null)
    {
        _pools = pools.GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        Pools = [.. _pools.Values.SelectMany(ranges => ranges)];
        _defaultPool = defaultPool;
        _template = (template ?? new AddressGrant(default, default)) with { Local = local, Peer = default, Lease = null };
        foreach (AddressPool pool in Pools)
        {
            pool.Exclude(local);
        }
    }

    /// <summary>The pools, for figures.</summary>
    public IReadOnlyCollection<AddressPool> Pools { get; }

    /// <summary>
    /// Says which addresses belong to certain users: sessions that take what comes no longer get them. Replaces what was said before.
    /// </summary>
    public void Keep(IReadOnlyCollection<Ipv4Address> addresses)
    {
        foreach (AddressPool pool in Pools)
        {
            pool.Keep(addresses);
        }
    }

    /// <summary>Takes addresses for a link.</summary>
    /// <param name="authorisation">What the user may have; null: the default pool.</param>
    /// <returns>Null when IPv4 is not permitted, the pool is unknown or empty, or the fixed address is another session's.</returns>
    public AddressGrant? Take(Authorisation? authorisation)
    {
        AddressGrant named = Name(authorisation);
        AddressLease? lease = authorisation?.AddressSource switch
        {
            AddressSource.NotPermitted => null,
            AddressSource.PeerChooses => null,
            AddressSource.Fixed => PoolOf(authorisation.Address).Take(authorisation.Address),
            _ => TakeFrom(authorisation?.Pool ?? _defaultPool ?? string.Empty),
        };
        if (lease is not null)
        {
            return named with { Peer = lease.Address, Lease = lease };
        }

        return authorisation?.AddressSource == AddressSource.PeerChooses ? named : null;
    }

    /// <summary>Takes a grant back.</summary>
    /// <returns>False when it holds no address or was given back before.</returns>
    public bool Release(AddressGrant grant)
    {
        if (grant.Lease?.Pool is not { } pool || !pool.Release(grant.Lease))
        {
            return false;
        }

        if (pool.Size == 1 && pool.Used == 0)
        {
            _fixed.Remove(grant.Lease.Address);
        }

        return true;
    }

    private AddressLease? TakeFrom(string pool)
    {
        foreach (AddressPool range in _pools.GetValueOrDefault(pool) ?? [])
        {
            if (range.Take() is { } lease)
            {
                return lease;
            }
        }

        return null;
    }

    private AddressGrant Name(Authorisation? authorisation) => authorisation is null ? _template : _template with
    {
        PrimaryDns = Either(authorisation.PrimaryDns, _template.PrimaryDns),
        SecondaryDns = Either(authorisation.SecondaryDns, _template.SecondaryDns),
        PrimaryNbns = Either(authorisation.PrimaryNbns, _template.PrimaryNbns),
        SecondaryNbns = Either(authorisation.SecondaryNbns, _template.SecondaryNbns),
    };

    private static Ipv4Address Either(Ipv4Address first, Ipv4Address second) => first.IsNone ? second : first;

    // A fixed address outside every pool is a pool of one while it is in use: no two sessions share it.
    private AddressPool PoolOf(Ipv4Address address)
    {
        foreach (AddressPool pool in Pools)
        {
            if (pool.Contains(address))
            {
                return pool;
            }
        }

        if (!_fixed.TryGetValue(address, out AddressPool? single))
        {
            _fixed[address] = single = new AddressPool("fixed", address, address);
        }

        return single;
    }
}
