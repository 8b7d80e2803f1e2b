using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Configuration.Yaml;
using L2tpd.Ppp;

namespace L2tpd.Configuration.Sections;

/// <summary>The PPP profiles read so far, and their users.</summary>
public sealed class PppProfiles
{
    private readonly Dictionary<string, (PppProfile Profile, YamlMapping Source)> _profiles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _interfaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _withoutAddresses = new(StringComparer.Ordinal);
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);

    // The ranges are disjoint: a range that overlaps another is an error, and is not added.
    private readonly SortedSet<Pool> _pools = new(Comparer<Pool>.Create(static (one, other) => one.First.CompareTo(other.First)));

    public IEnumerable<string> Names => _profiles.Keys;

    public PppProfile? Find(string name) => _profiles.TryGetValue(name, out var entry) ? entry.Profile : null;

    public void Add(PppProfile profile, YamlMapping source)
    {
        _profiles[profile.Name] = (profile, source);
        foreach (var range in profile.Pool)
        {
            if (PoolAt(range.LastNumber) is { } other && other.Range.Overlaps(range))
                source.Error("pool", $"{range} overlaps {other.Range} of {other.Place}: an address would go to two sessions");
            else
                _pools.Add(new Pool(range.FirstNumber, range, profile, source.Path));
        }
    }

    /// <summary>Adds a pool of all profiles.</summary>
    public void AddPool(YamlValue source, ImmutableArray<AddressRange> ranges)
    {
        foreach (var range in ranges)
        {
            if (PoolAt(range.LastNumber) is { } other && other.Range.Overlaps(range))
                source.Error($"{range} overlaps {other.Range} of {other.Place}: an address would go to two sessions");
            else
                _pools.Add(new Pool(range.FirstNumber, range, null, source.Path));
        }
    }

    /// <summary>Marks a profile that could not be read completely, so that no error follows from the missing part.</summary>
    public void MarkIncomplete(string name) => _incomplete.Add(name);

    public bool IsIncomplete(string name) => _incomplete.Contains(name);

    /// <summary>The sessions that get no address, as text. Computed once per profile, whatever the number of its sessions.</summary>
    public string? WithoutAddresses(PppProfile profile, Func<PppProfile, string?> find)
    {
        if (!_withoutAddresses.TryGetValue(profile.Name, out var whose))
            _withoutAddresses.Add(profile.Name, whose = find(profile));
        return whose;
    }

    /// <summary>
    /// The session that already has the interface; <c>null</c> if there was none, and <paramref name="place"/> has it from now on.
    /// </summary>
    public string? ClaimInterface(string name, string place) => _interfaces.TryAdd(name, place) ? null : _interfaces[name];

    public void MarkUsed(string name) => _used.Add(name);

    /// <summary>Warns of profiles that no session uses.</summary>
    public void ReportUnused(Diagnostics diagnostics)
    {
        foreach (var (name, (_, source)) in _profiles)
        {
            if (!_used.Contains(name))
                diagnostics.Warning(source.Position, source.Path, "is not used by any session");
        }
    }

    /// <summary>Reports fixed addresses of one profile that are in the pool of another. To be called when all profiles were read.</summary>
    public void ReportCollisions()
    {
        foreach (var (profile, source) in _profiles.Values)
        {
            foreach (var (key, address) in new[] { ("local", profile.Local), ("remote", profile.Remote) })
            {
                // A pool of all profiles leaves out the addresses that are `local` in one.
                if (address is not null && PoolWith(address, profile) is { } lender && (key == "remote" || !IsOfAllProfiles(address)))
                    source.Error(key, $"{address} is in the pool of {lender}: a session could get it too");
            }

            // The built-in PPP excludes the addresses of its users from its own pools, but sessions of pppd do not know them.
            foreach (var user in profile.Users)
            {
                if (LocalUsers.AuthorisationOf(user) is { AddressSource: AddressSource.Fixed, Address: var fixedAddress }
                    && PoolWith(IPAddress.Parse(fixedAddress.ToString()), profile, PppBackend.Pppd) is { } other)
                {
                    source.Warning("users", $"{fixedAddress} of `{user.Client}` is in the pool of {other}: a session of pppd "
                        + "could get it too");
                }
            }
        }
    }

    /// <summary>Reports an error at each profile that the userspace data plane cannot run.</summary>
    public void RefusePppd()
    {
        foreach (var (profile, source) in _profiles.Values.Where(static entry => entry.Profile.Backend == PppBackend.Pppd))
            source.Error("backend", "pppd needs the kernel's PPP: on the userspace data plane set `backend: built-in`");
    }

    // A profile that has the address for its own end excludes it from its pool.
    private string? PoolWith(IPAddress address, PppProfile but, PppBackend? backend = null) =>
        AddressRange.TryNumber(address, out var number) && PoolAt(number) is { } pool && pool.Range.Contains(address)
        && !ReferenceEquals(pool.Profile, but) && (backend is null || pool.Profile?.Backend == backend)
            && (pool.Profile is null || !address.Equals(pool.Profile.Local))
            ? pool.Place
            : null;

    private bool IsOfAllProfiles(IPAddress address) =>
        AddressRange.TryNumber(address, out var number) && PoolAt(number) is { Profile: null } pool && pool.Range.Contains(address);

    // The last pool that begins at the address or before.
    private Pool? PoolAt(uint number) => _pools.Count == 0 || _pools.Min!.First > number ? null
        : _pools.GetViewBetween(_pools.Min, _pools.Min with { First = number }).Max;

    private sealed record Pool(uint First, AddressRange Range, PppProfile? Profile, string Place);

    public ImmutableSortedDictionary<string, PppProfile> ToImmutable() =>
        _profiles.ToImmutableSortedDictionary(static entry => entry.Key, static entry => entry.Value.Profile, StringComparer.Ordinal);
}
