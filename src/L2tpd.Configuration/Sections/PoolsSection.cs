using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>pools</c>: IPv4 address pools by name, for users of every profile.</summary>
internal static class PoolsSection
{
    private const int LongestName = 253;

    /// <summary>Reads the pools, before any profile: users name them.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<AddressRange>> Read(YamlMapping root, LoadContext context)
    {
        var pools = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<AddressRange>>(StringComparer.Ordinal);
        foreach (var value in root.Section("pools", null)?.Entries ?? [])
        {
            // A name of a RADIUS database: any text that fits into an attribute.
            if (WordText.Text(LongestName).Parse(value.Key) is { Succeeded: false, Problem: var problem })
                value.ErrorAtKey(problem!);
            var ranges = value.ReadList(AddressText.Range);
            if (ranges.Any(static range => range.Count > L2tpd.Access.AddressPool.LargestSize))
                value.Error("a range has at most 16777216 addresses, a /8");
            pools[value.Key] = ranges;
            context.PoolNames.Add(value.Key);
            context.Ppp.AddPool(value, ranges);
        }

        return pools.ToImmutable();
    }

    /// <summary>Reports pools that nobody could name: the name means the profile's own pool there.</summary>
    public static void Check(YamlMapping root, DaemonConfiguration configuration)
    {
        foreach (var value in root.Section("pools", null)?.Entries ?? [])
        {
            if (configuration.PppProfiles.ContainsKey(value.Key))
                value.ErrorAtKey($"the ppp profile {value.Key} has that name, which means its own pool; choose another name");
        }
    }
}
