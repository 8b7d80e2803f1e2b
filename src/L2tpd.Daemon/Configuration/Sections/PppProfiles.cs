using System.Collections.Immutable;
using L2tpd.Daemon.Configuration.Yaml;

namespace L2tpd.Daemon.Configuration.Sections;

/// <summary>The PPP profiles met so far, and who uses them.</summary>
internal sealed class PppProfiles
{
    private readonly Dictionary<string, (PppProfile Profile, YamlMapping Source)> _profiles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _interfaces = new(StringComparer.Ordinal);
    private readonly List<(AddressRange Range, string Place)> _pools = [];

    public IEnumerable<string> Names => _profiles.Keys;

    public PppProfile? Find(string name) => _profiles.TryGetValue(name, out var entry) ? entry.Profile : null;

    public void Add(PppProfile profile, YamlMapping source)
    {
        _profiles[profile.Name] = (profile, source);
        foreach (var range in profile.Pool)
        {
            var other = _pools.Find(pool => pool.Range.Overlaps(range));
            if (other.Range is not null)
                source.Error("pool", $"{range} overlaps {other.Range} of {other.Place}: an address would go to two sessions");
            _pools.Add((range, source.Path));
        }
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

    /// <summary>What the userspace data plane cannot run is an error where it is written.</summary>
    public void RefusePppd()
    {
        foreach (var (profile, source) in _profiles.Values.Where(static entry => entry.Profile.Backend == PppBackend.Pppd))
            source.Error("backend", "pppd needs the kernel's PPP: with `data-plane: userspace` set `backend: built-in`");
    }

    public ImmutableSortedDictionary<string, PppProfile> ToImmutable() =>
        _profiles.ToImmutableSortedDictionary(static entry => entry.Key, static entry => entry.Value.Profile, StringComparer.Ordinal);
}
