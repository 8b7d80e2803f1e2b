using System.Collections.Immutable;
using System.Net.Sockets;
using L2tpd.Access;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>prefix-pools</c>: the IPv6 prefixes of subscribers.</summary>
internal static class PrefixPoolsSection
{
    // A /16 and longer: a shorter prefix is a mistake.
    private const int LeastAggregate = 16;

    // A router with a smaller site prefix has no subnet for its LAN (RFC 4862 wants 64 bits), one with a larger one is a provider.
    private const int LeastLength = 20;

    public static readonly SectionSchema Schema = new("prefix-pools", ["prefix", "length"]);

    /// <summary>The pools, for the profiles that follow.</summary>
    public static ImmutableArray<PrefixPoolSettings> Read(YamlMapping root, LoadContext context)
    {
        var pools = ImmutableArray.CreateBuilder<PrefixPoolSettings>();
        foreach (var value in root.Section("prefix-pools", null)?.Entries ?? [])
        {
            Names.Check(value);
            context.PrefixPools[value.Key] = null;
            if (value.AsMapping(Schema) is not { } mapping || ReadPool(mapping, value.Key) is not { } pool)
                continue;
            var range = PrefixRange.From(pool.Prefix);
            if (pools.FirstOrDefault(other => PrefixRange.From(other.Prefix).Overlaps(range)) is { } lender)
            {
                mapping.Error("prefix", $"{pool.Prefix} overlaps {lender.Prefix} of `{lender.Name}`: a prefix would go to two sessions");
                continue;
            }

            context.PrefixPools[value.Key] = pool;
            pools.Add(pool);
        }

        return pools.ToImmutable();
    }

    private static PrefixPoolSettings? ReadPool(YamlMapping mapping, string name)
    {
        foreach (var key in Schema.Keys.Where(key => !mapping.Has(key)))
            mapping.Error(key, "is required");
        if (mapping.Find("prefix") is not { } written || !mapping.Has("length"))
            return null;
        var prefix = written.Read(default, AddressText.Prefix);
        if (prefix == default)
            return null;
        if (prefix.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6 || prefix.PrefixLength < LeastAggregate)
        {
            written.Error($"{prefix} is not an IPv6 prefix of {LeastAggregate} bits or more; write `2001:db8:7700::/40`");
            return null;
        }

        var length = mapping.Get("length", 0, NumberText.Between(LeastLength, 128));
        if (length == 0)
            return null;
        if (length < prefix.PrefixLength)
            mapping.Error("length", $"{length} is less than the {prefix.PrefixLength} of {prefix}, which is to be divided");
        else if (length - prefix.PrefixLength > 64)
            mapping.Error("length", $"{length} is more than 64 bits longer than {prefix}");
        else
            return new PrefixPoolSettings(name, prefix, length);
        return null;
    }
}
