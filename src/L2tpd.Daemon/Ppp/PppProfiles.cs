using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using L2tpd.Daemon.Configuration;

namespace L2tpd.Daemon.Ppp;

/// <summary>The PPP profiles in force and their address pools. Loop thread only.</summary>
public sealed class PppProfiles
{
    private readonly Dictionary<string, AddressPool> _pools = [];
    private ImmutableSortedDictionary<string, PppProfile> _profiles = ImmutableSortedDictionary<string, PppProfile>.Empty;

    public PppProfiles(ImmutableSortedDictionary<string, PppProfile> profiles) => Replace(profiles);

    /// <summary>Takes new profiles. A pool keeps what it lent, whatever becomes of its ranges or its profile: sessions give back to the same pool.</summary>
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
    }

    /// <summary>All of them.</summary>
    public IEnumerable<PppProfile> All => _profiles.Values;

    /// <summary>Finds a profile and its pool; null: it has none.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out PppProfile? profile, out AddressPool? pool)
    {
        var found = _profiles.TryGetValue(name, out profile);
        pool = profile is { Pool.IsDefaultOrEmpty: false } ? _pools[name] : null;
        return found;
    }
}
