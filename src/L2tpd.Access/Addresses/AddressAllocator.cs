using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>Assigns addresses to links by what the user may have. Pools and servers may change while addresses are in use.</summary>
public sealed class AddressAllocator
{
    private readonly AddressSpace _space;
    private readonly string? _defaultPool;
    private Dictionary<string, AddressPool[]> _pools = [];
    private AddressGrant _template = new(default, default);

    /// <param name="local">Our address on every link, excluded from the pools.</param>
    /// <param name="pools">The pools; several with one name are one pool of several ranges, used in this order.</param>
    /// <param name="defaultPool">The pool of users without one of their own; <c>null</c>: such users get no address.</param>
    /// <param name="template">Name servers for users without their own; its addresses are not used. <c>null</c>: none.</param>
    /// <param name="space">The addresses in use, shared with other allocators; <c>null</c>: not shared.</param>
    public AddressAllocator(
        Ipv4Address local, IEnumerable<AddressPool> pools, string? defaultPool, AddressGrant? template = null, AddressSpace? space = null)
    {
        _space = space ?? new AddressSpace();
        _defaultPool = defaultPool;
        Change(local, pools);
        ChangeServers(template);
    }

    /// <summary>Pools that all profiles share, by name; <c>null</c>: there are none.</summary>
    public NamedPools? Shared { get; init; }

    /// <summary>The pools.</summary>
    public IReadOnlyCollection<AddressPool> Pools { get; private set; } = [];

    /// <summary>
    /// Replaces the pools. Addresses in use stay with their sessions, and the new pools do not assign them before they are released.
    /// </summary>
    public void Change(Ipv4Address local, IEnumerable<AddressPool> pools)
    {
        var before = Pools;
        _pools = pools.GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        Pools = [.. _pools.Values.SelectMany(ranges => ranges)];
        _template = _template with { Local = local };
        foreach (var pool in Pools)
            pool.Exclude(local);

        _space.Replace(before, Pools);
    }

    /// <summary>Replaces the name servers, for new links.</summary>
    public void ChangeServers(AddressGrant? template) =>
        _template = (template ?? new AddressGrant(default, default)) with
        {
            Local = _template.Local, Peer = default, Lease = null, Choice = null,
        };

    /// <summary>
    /// Reserves addresses for certain users: sessions that take any address of a pool do not get them. Replaces the earlier reservations.
    /// </summary>
    public void Keep(IReadOnlyCollection<Ipv4Address> addresses)
    {
        foreach (var pool in Pools)
            pool.Keep(addresses);
    }

    /// <summary>Assigns addresses to a link.</summary>
    /// <param name="authorisation">What the user may have; <c>null</c>: the default pool.</param>
    /// <returns><c>null</c> if IPv4 is not permitted, the pool is unknown or has no free address, or the fixed address is our own or in
    /// use.</returns>
    public AddressGrant? Take(Authorisation? authorisation)
    {
        var named = Name(authorisation);
        var lease = authorisation?.AddressSource switch
        {
            AddressSource.NotPermitted => null,
            AddressSource.PeerChooses => null,
            AddressSource.Fixed => authorisation.Address == _template.Local ? null : _space.Take(authorisation.Address),
            _ => TakeFrom(authorisation?.Pool ?? _defaultPool ?? string.Empty),
        };
        if (lease is not null)
            return named with { Peer = lease.Address, Lease = lease };

        return authorisation?.AddressSource == AddressSource.PeerChooses && authorisation.Permitted is not { IsNone: true }
            ? named with { Choice = new AddressChoice(_space, _template.Local, authorisation.Permitted ?? PermittedAddresses.All) }
            : null;
    }

    /// <summary>Claims the addresses of a link of an earlier process again, before any other link takes them.</summary>
    /// <returns><c>null</c> if the address is taken, or is not for a link any more: the link cannot go on.</returns>
    public AddressGrant? Restore(AddressGrantSnapshot snapshot)
    {
        var grant = new AddressGrant(snapshot.Local, snapshot.Peer)
        {
            PrimaryDns = snapshot.PrimaryDns,
            SecondaryDns = snapshot.SecondaryDns,
            PrimaryNbns = snapshot.PrimaryNbns,
            SecondaryNbns = snapshot.SecondaryNbns,
        };
        if (snapshot.Choice is { } permitted)
        {
            var choice = new AddressChoice(_space, _template.Local, permitted);
            return snapshot.Claimed.IsNone || choice.TryTake(snapshot.Claimed) ? grant with { Choice = choice } : null;
        }

        return snapshot.Claimed != _template.Local && _space.Take(snapshot.Claimed) is { } lease ? grant with { Lease = lease } : null;
    }

    /// <summary>Whether a user may be given this pool: one of these, or one that all profiles share.</summary>
    public bool HasPool(string name) => _pools.ContainsKey(name) || name == _defaultPool || Shared?.Contains(name) == true;

    /// <summary>The ranges that a user with this authorisation gets an address from.</summary>
    public IReadOnlyCollection<AddressPool> PoolsOf(Authorisation? authorisation) =>
        authorisation?.Pool is { } name && !_pools.ContainsKey(name) ? Shared?.Find(name) ?? [] : Pools;

    private AddressLease? TakeFrom(string pool)
    {
        if (!_pools.TryGetValue(pool, out var ranges))
            return Shared?.Take(pool);

        foreach (var range in ranges)
        {
            if (_space.Take(range) is { } lease)
                return lease;
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
}
