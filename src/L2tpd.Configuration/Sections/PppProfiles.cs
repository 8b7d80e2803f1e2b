using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Configuration.Yaml;
using L2tpd.Ppp;

namespace L2tpd.Configuration.Sections;

/// <summary>The PPP profiles met so far, and who uses them.</summary>
public sealed class PppProfiles
{
    private readonly Dictionary<string, (PppProfile Profile, YamlMapping Source)> _profiles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _interfaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _withoutAddresses = new(StringComparer.Ordinal);
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);

    // Disjoint: a range that overlaps another is an error, and not kept.
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

    /// <summary>Not all of the profile could be read: it is not to be doubted for what it seems to lack.</summary>
    public void MarkIncomplete(string name) => _incomplete.Add(name);

    public bool IsIncomplete(string name) => _incomplete.Contains(name);

    /// <summary>
    /// Whose sessions get no address, in words; asked once for each profile, whatever the number of its users and of the sessions that use
    /// it.
    /// </summary>
    public string? WithoutAddresses(PppProfile profile, Func<PppProfile, string?> find)
    {
        if (!_withoutAddresses.TryGetValue(profile.Name, out var whose))
            _withoutAddresses.Add(profile.Name, whose = find(profile));
        return whose;
    }

    /// <summary>The session that has the interface already; null: none has, and now <paramref name="place"/> has it.</summary>
    public string? ClaimInterface(string name, string place) => _interfaces.TryAdd(name, place) ? null : _interfaces[name];

    public void MarkUsed(string name) => _used.Add(name);

    /// <summary>Warns of profiles that nothing names.</summary>
    public void ReportUnused(Diagnostics diagnostics)
    {
        foreach (var (name, (_, source)) in _profiles)
        {
            if (!_used.Contains(name))
                diagnostics.Warning(source.Position, source.Path, "is used by no session");
        }
    }

    /// <summary>
    /// An address that one profile gives to a certain end must not be lent by another's pool. When all profiles are known.
    /// </summary>
    public void ReportCollisions()
    {
        foreach (var (profile, source) in _profiles.Values)
        {
            foreach (var (key, address) in new[] { ("local", profile.Local), ("remote", profile.Remote) })
            {
                if (address is not null && PoolWith(address, profile) is { } lender)
                    source.Error(key, $"{address} is in the pool of {lender}: a session could get it too");
            }

            // The built-in PPP keeps its users' addresses out of its own pools; pppd's sessions know nothing of them.
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

    /// <summary>What the userspace data plane cannot run is an error where it is written.</summary>
    public void RefusePppd()
    {
        foreach (var (profile, source) in _profiles.Values.Where(static entry => entry.Profile.Backend == PppBackend.Pppd))
            source.Error("backend", "pppd needs the kernel's PPP: on the userspace data plane set `backend: built-in`");
    }

    // Of a profile that has the address for its own end, the pool is without it.
    private string? PoolWith(IPAddress address, PppProfile but, PppBackend? backend = null) =>
        AddressRange.TryNumber(address, out var number) && PoolAt(number) is { } pool && pool.Range.Contains(address)
        && !ReferenceEquals(pool.Profile, but) && (backend is null || pool.Profile.Backend == backend)
            && !address.Equals(pool.Profile.Local)
            ? pool.Place
            : null;

    // The pool that begins last of those that begin at the address or before.
    private Pool? PoolAt(uint number) => _pools.Count == 0 || _pools.Min!.First > number ? null
        : _pools.GetViewBetween(_pools.Min, _pools.Min with { First = number }).Max;

    private sealed record Pool(uint First, AddressRange Range, PppProfile Profile, string Place);

    public ImmutableSortedDictionary<string, PppProfile> ToImmutable() =>
        _profiles.ToImmutableSortedDictionary(static entry => entry.Key, static entry => entry.Value.Profile, StringComparer.Ordinal);
}
