using System.Collections.Immutable;
using System.Net;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>The pools of a profile's users who have no others.</summary>
/// <param name="Prefixes">For router advertisement; <c>null</c>: none.</param>
/// <param name="Delegated">For delegation by DHCPv6; <c>null</c>: none.</param>
/// <param name="Addresses">For addresses by DHCPv6; <c>null</c>: none.</param>
public sealed record Ipv6PoolNames(string? Prefixes, string? Delegated, string? Addresses)
{
    /// <summary>No pools.</summary>
    public static Ipv6PoolNames None { get; } = new(null, null, null);
}

/// <summary>
/// The IPv6 prefixes and addresses of one session: taken when its user is authenticated, so that the first accounting record has them, and
/// given back at its end.
/// </summary>
public sealed class Ipv6Grant
{
    private const int AddressBits = 128;

    // fe80::/10 and ff00::/8, and what is not assigned below 2000::/3 (RFC 4291 section 2.4).
    private static readonly PrefixRange _linkLocal = PrefixRange.From(IPNetwork.Parse("fe80::/10"));
    private static readonly PrefixRange _multicast = PrefixRange.From(IPNetwork.Parse("ff00::/8"));
    private static readonly PrefixRange _reserved = PrefixRange.From(IPNetwork.Parse("::/8"));

    private readonly PrefixSpace _space;
    private readonly List<PrefixLease> _leases = [];
    private readonly List<string> _problems = [];

    private Ipv6Grant(PrefixSpace space, Authorisation authorisation) => (_space, Authorisation) = (space, authorisation);

    /// <summary>What the user may have, with the prefixes and addresses that are its own now.</summary>
    public Authorisation Authorisation { get; private set; }

    /// <summary>What is reserved for the session.</summary>
    public IEnumerable<IPNetwork> Networks => _leases.Select(static lease => lease.Network);

    /// <summary>Why something is missing, as texts; empty: nothing is.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Takes what an authorisation names, or else what the profile's pools have.</summary>
    /// <param name="space">The prefixes in use, and the pools.</param>
    /// <param name="authorisation">What the user may have.</param>
    /// <param name="pools">The pools of users without others.</param>
    /// <param name="user">Who gets the same prefixes again; <c>null</c>: not known.</param>
    /// <param name="now">Seconds since 1970.</param>
    public static Ipv6Grant Take(PrefixSpace space, Authorisation authorisation, Ipv6PoolNames pools, string? user, long now)
    {
        var grant = new Ipv6Grant(space, authorisation);
        // A Framed-IPv6-Prefix of one address is that of the subscriber's own end.
        var advertised = authorisation.Ipv6Prefixes.Where(static prefix => prefix.PrefixLength < AddressBits).ToArray();
        var addresses = authorisation.Ipv6Prefixes.Where(static prefix => prefix.PrefixLength == AddressBits)
            .Concat(authorisation.Ipv6Addresses.Select(static address => new IPNetwork(address, AddressBits))).ToArray();
        // The larger first: what lies within one of the session's own needs no lease of its own.
        var delegated = grant.TakeKind(authorisation.DelegatedPrefixes, authorisation.DelegatedPrefixPool ?? pools.Delegated, user, now);
        var prefixes = grant.TakeKind(
            advertised, authorisation.Ipv6PrefixPool ?? (addresses.Length > 0 ? null : pools.Prefixes), user, now);
        var own = grant.TakeKind(
            addresses, authorisation.Ipv6AddressPool ?? (advertised.Length > 0 ? null : pools.Addresses), user, now, AddressBits);
        grant.Authorisation = authorisation with
        {
            DelegatedPrefixes = delegated,
            Ipv6Prefixes = prefixes,
            Ipv6Addresses = [.. own.Select(static network => network.BaseAddress)],
        };
        return grant;
    }

    /// <summary>Claims the prefixes and addresses of a session of an earlier process again, before any other session takes them.</summary>
    /// <param name="space">The prefixes in use, and the pools, which remember those of their users.</param>
    /// <param name="authorisation">As <see cref="Authorisation"/> of the earlier process was.</param>
    /// <param name="user">As in <see cref="Take"/>.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <returns><c>null</c> if something is in use: the session cannot go on.</returns>
    public static Ipv6Grant? Restore(PrefixSpace space, Authorisation authorisation, string? user, long now)
    {
        var grant = new Ipv6Grant(space, authorisation);
        var networks = authorisation.DelegatedPrefixes.Concat(authorisation.Ipv6Prefixes)
            .Concat(authorisation.Ipv6Addresses.Select(static address => new IPNetwork(address, AddressBits)));
        foreach (var network in networks)
        {
            if (grant.TryClaim(network, user, now) || grant.TryTake(network))
                continue;

            grant.Release(now);
            return null;
        }

        return grant;
    }

    /// <summary>Gives everything back; a second time has no effect.</summary>
    /// <param name="now">Seconds since 1970.</param>
    public void Release(long now)
    {
        foreach (var lease in _leases)
            _space.Release(lease, now);

        _leases.Clear();
    }

    private ImmutableArray<IPNetwork> TakeKind(
        IReadOnlyCollection<IPNetwork> wanted, string? pool, string? user, long now, int length = 0)
    {
        if (wanted.Count > 0)
            return [.. wanted.Where(TryTake)];
        if (pool is null)
            return [];

        if (_space.Find(pool) is not { } found)
        {
            _problems.Add($"there is no prefix pool {pool}: check `prefix-pools` and what RADIUS names");
        }
        else if (length != 0 && found.Length != length)
        {
            _problems.Add($"prefix pool {pool} has prefixes of {found.Length} bits, and addresses are {length}");
        }
        else if (_space.Take(found, user, now) is { } lease)
        {
            _leases.Add(lease);
            return [lease.Network];
        }
        else
        {
            _problems.Add($"prefix pool {pool} is used up: all {found.Size} are in use");
        }

        return [];
    }

    /// <summary>The prefix that a pool remembers for the user: the pool is to know that it is in use.</summary>
    private bool TryClaim(IPNetwork network, string? user, long now)
    {
        foreach (var pool in _space.Pools)
        {
            if (user is null || pool.Length != network.PrefixLength || !pool.Aggregate.Contains(network.BaseAddress))
                continue;
            if (_space.Take(pool, user, now) is not { } lease)
                return false;

            if (lease.Network.Equals(network))
            {
                _leases.Add(lease);
                return true;
            }

            _space.Release(lease, now);
        }

        return false;
    }

    private bool TryTake(IPNetwork network)
    {
        var isIpv6 = network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var range = isIpv6 ? PrefixRange.From(network) : default;
        if (!isIpv6 || range.Overlaps(_linkLocal) || range.Overlaps(_multicast) || range.Overlaps(_reserved))
        {
            _problems.Add($"{network} is no prefix for a subscriber");
            return false;
        }

        if (_space.Overlapping(network) is { } other)
        {
            if (_leases.Contains(other) && other.Range.Contains(range))
                return true;

            _problems.Add($"{network} is in use: another session has {other.Network}");
            return false;
        }

        _leases.Add(_space.Take(network)!);
        return true;
    }
}
