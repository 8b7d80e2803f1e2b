using System.Globalization;

namespace L2tpd.Import.AccelPpp;

/// <summary>[ip-pool] and [ipv6-pool]: addresses and prefixes, by the name of their pool.</summary>
internal sealed class PoolKeys(ImportLog log)
{
    private readonly AddressSet _all = new();
    private readonly AddressSet _own = new();
    private readonly Dictionary<string, AddressSet> _named = new(StringComparer.Ordinal);
    private readonly List<(string Name, string Prefix, int Length, bool Delegated)> _prefixes = [];
    private readonly Dictionary<string, string> _chosen = new(StringComparer.Ordinal);

    /// <summary>Takes <c>ip-pool</c>, <c>ipv6-pool</c> and <c>ipv6-pool-delegate</c> of [l2tp].</summary>
    public string? Choose(IniEntry entry)
    {
        _chosen[entry.Key] = entry.Text;
        return null;
    }

    public string? Take(string section, IniEntry entry)
    {
        if (entry.Key == "attr")
            return entry.Text == "Framed-Pool" ? null : "the pool's name is in Framed-Pool";
        var written = entry.Key is "tunnel" or "delegate" ? entry.Text : entry.Value is null ? entry.Key : $"{entry.Key}={entry.Value}";
        var parts = written.Split(',', StringSplitOptions.TrimEntries);
        var attributes = parts.Skip(section == "ip-pool" ? 1 : 2).ToArray();
        var name = attributes.FirstOrDefault(static part => part.StartsWith("name=", StringComparison.Ordinal))?[5..]
            ?? attributes.FirstOrDefault(static part => !part.Contains('=', StringComparison.Ordinal));
        if (name is not null && (name.Length is 0 or > 253 || name.Any(char.IsControl)))
            return "the pool's name is empty or too long";
        var problem = section == "ip-pool" ? TakeRange(parts[0], name) : TakePrefix(parts, name, entry.Key == "delegate");
        return problem ?? (attributes.Any(static part => part.StartsWith("next=", StringComparison.Ordinal))
            ? "the pool itself is carried over, but there is no next pool: a user gets an address of its own pool or none"
            : null);
    }

    public void Write(YamlBlock root, YamlBlock profile, string? local, bool isRouter)
    {
        if (local is not null && Ipv4.TryRead(local, out var own))
        {
            foreach (var pool in _named.Values.Append(_own))
                pool.Remove(own, own);
        }

        WriteAddresses(root, profile);
        WritePrefixes(root, profile, isRouter);
    }

    private void WriteAddresses(YamlBlock root, YamlBlock profile)
    {
        var chosen = _chosen.GetValueOrDefault("ip-pool");
        var ranges = chosen is not null && _named.TryGetValue(chosen, out var wanted) ? wanted : _own;
        if (chosen is not null && ranges == _own)
            log.Lose(profile, $"ip-pool = {chosen}", "[ip-pool] has no pool of that name");
        if (!ranges.IsEmpty)
            profile.List("pool", ranges.Ranges());
        foreach (var (name, pool) in _named.Where(pair => pair.Value != ranges && !pair.Value.IsEmpty).OrderBy(static pair => pair.Key))
        {
            if (name == "subscribers")
                log.Lose(root, $"the pool {name}", "it has the name of the PPP profile");
            else
                root.Block("pools").List(YamlBlock.Key(name), pool.Ranges());
        }

        if (chosen is not null && ranges != _own)
            profile.Comment($"RADIUS cannot name the pool {chosen} (Framed-Pool): it is the profile's own.");
    }

    private void WritePrefixes(YamlBlock root, YamlBlock profile, bool isRouter)
    {
        if (_prefixes.Count > 0 && !isRouter)
        {
            log.Lose(root, "[ipv6-pool]", "ipv6 is denied, or neither ipv6_nd nor ipv6_dhcp is loaded");
            return;
        }

        foreach (var (key, name) in _chosen.Where(pair => pair.Key != "ip-pool" && _prefixes.TrueForAll(one => one.Name != pair.Value)))
            log.Lose(profile, $"{key} = {name}", "[ipv6-pool] has no pool of that name");
        foreach (var (name, prefix, length, delegated) in _prefixes)
        {
            var pool = root.Block("prefix-pools").Block(name);
            pool.Set("prefix", $"\"{prefix}\"");
            pool.Set("length", length);
            var wanted = _chosen.GetValueOrDefault(delegated ? "ipv6-pool-delegate" : "ipv6-pool");
            if (wanted is not null ? wanted == name : name is "links" or "homes")
            {
                var key = delegated ? "delegated-prefix-pool" : length == 128 ? "ipv6-address-pool"
                    : length == 64 ? "ipv6-prefix-pool" : "";
                if (key.Length > 0 && !(delegated && length == 128))
                    profile.Set(key, name);
            }
        }
    }

    private string? TakeRange(string text, string? name)
    {
        if (!Ipv4.TryReadPrefixOrRange(text, out var first, out var last))
            return "it is not a range of IPv4 addresses";
        // A network's own address and its broadcast address are nobody's.
        if (text.Contains('/', StringComparison.Ordinal) && last - first >= 3)
            (first, last) = (first + 1, last - 1);
        var pool = _own;
        if (name is not null && !_named.TryGetValue(name, out pool))
            _named[name] = pool = new AddressSet();
        var fresh = new AddressSet();
        fresh.Add(first, last);
        fresh.RemoveImpossible();
        var overlaps = _all.Overlaps(first, last);
        foreach (var (from, to) in _all.Within(first, last))
            fresh.Remove(from, to);
        foreach (var (from, to) in fresh.Within(0, uint.MaxValue))
        {
            pool!.Add(from, to);
            _all.Add(from, to);
        }

        return overlaps ? "addresses that an earlier pool has are left out: pools may not overlap" : null;
    }

    private string? TakePrefix(string[] parts, string? name, bool delegated)
    {
        if (parts.Length < 2 || !Ipv6.TryReadPrefix(parts[0], out var prefix, out var bits)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return "it is not PREFIX/BITS,LENGTH";
        }

        if (bits < 16 || length < Math.Max(bits, 20) || length > Math.Min(128, bits + 64))
            return "the prefix has 16 bits or more, and its parts 20 to 128, at most 64 more";
        if (_prefixes.Exists(other => Ipv6.Overlap(other.Prefix, $"{prefix}/{bits}")))
            return "it overlaps an earlier pool";
        var wanted = YamlBlock.NameOf(name ?? "", delegated ? "homes" : "links");
        if (_prefixes.Exists(other => other.Name == wanted))
            return "a pool of l2tpd has one prefix: this is the second one of its name";
        _prefixes.Add((wanted, $"{prefix}/{bits}", length, delegated));
        return null;
    }
}
