using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using L2tpd.Configuration;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Pppd;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting;

/// <summary>The PPP profiles in force and their address pools. Loop thread only.</summary>
public sealed class PppProfiles
{
    private readonly Dictionary<string, AddressPool> _pools = [];
    private ImmutableSortedDictionary<string, PppProfile> _profiles = ImmutableSortedDictionary<string, PppProfile>.Empty;

    public PppProfiles(ImmutableSortedDictionary<string, PppProfile> profiles) => Replace(profiles);

    /// <summary>The profiles of a configuration, and what they share.</summary>
    public PppProfiles(DaemonConfiguration configuration)
    {
        ReplaceShared(configuration.Pools, configuration.Filters);
        Replace(configuration.PppProfiles);
    }

    /// <summary>
    /// Replaces the profiles. Addresses in use stay in use when the ranges or the profile change: sessions return them to the same pool.
    /// </summary>
    public void Replace(ImmutableSortedDictionary<string, PppProfile> profiles)
    {
        foreach (var (name, profile) in profiles)
        {
            if (!_pools.TryGetValue(name, out var pool))
                _pools[name] = new AddressPool(profile.Pool);
            else if (!_profiles.TryGetValue(name, out var before) || !before.Pool.SequenceEqual(profile.Pool))
                pool.Change(profile.Pool);
        }

        _profiles = profiles;
        UserAddresses = [.. profiles.Values.Where(static profile => profile.Backend == PppBackend.BuiltIn)
            .SelectMany(BuiltInProfile.FixedAddresses).Distinct()];
    }

    /// <summary>Replaces what all profiles share: pools by name, and the table of filters. Before <see cref="Replace"/>.</summary>
    public void ReplaceShared(ImmutableSortedDictionary<string, ImmutableArray<AddressRange>> pools, FilterSettings? filters) =>
        (NamedPools, Filters) = (pools, filters);

    /// <summary>IPv4 address pools of all profiles.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<AddressRange>> NamedPools { get; private set; } =
        ImmutableSortedDictionary<string, ImmutableArray<AddressRange>>.Empty;

    /// <summary>The table of filters; <c>null</c>: names of filters have no effect.</summary>
    public FilterSettings? Filters { get; private set; }

    /// <summary>Fixed addresses of users of the built-in PPP, over all profiles: no pool assigns them to others.</summary>
    public IReadOnlyCollection<Ipv4Address> UserAddresses { get; private set; } = [];

    /// <summary>All profiles.</summary>
    public IEnumerable<PppProfile> All => _profiles.Values;

    /// <summary>Finds a profile and its pool; <c>null</c> if it has none.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out PppProfile? profile, out AddressPool? pool)
    {
        var found = _profiles.TryGetValue(name, out profile);
        pool = profile is { Pool.IsDefaultOrEmpty: false } ? _pools[name] : null;
        return found;
    }
}
