using L2tpd.Access;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary>The keys of a PPP profile that name prefix pools, and its <c>dhcpv6</c>.</summary>
internal static class Ipv6PoolKeys
{
    private const int AdvertisedLength = 64;
    private const int AddressLength = 128;

    public static readonly SectionSchema Schema = new("dhcpv6", ["preferred-lifetime", "valid-lifetime", "rapid-commit"]);

    /// <summary>The keys of the profile.</summary>
    public static readonly string[] Keys = ["ipv6-prefix-pool", "delegated-prefix-pool", "ipv6-address-pool", "dhcpv6"];

    private static readonly ScalarType<TimeSpan> Lifetime = DurationText.Between(TimeSpan.FromMinutes(2), TimeSpan.FromDays(30));

    /// <summary>Adds the keys to a profile.</summary>
    public static PppProfile Read(YamlMapping mapping, PppProfile profile)
    {
        var name = WordText.Text(64)!;
        var dhcp = mapping.Section("dhcpv6", Schema);
        return profile with
        {
            Ipv6Pools = new Ipv6PoolNames(
                mapping.Get("ipv6-prefix-pool", null, name!), mapping.Get("delegated-prefix-pool", null, name!),
                mapping.Get("ipv6-address-pool", null, name!)),
            Dhcpv6 = dhcp is null ? profile.Dhcpv6 : new Dhcpv6Settings
            {
                PreferredLifetime = dhcp.Get("preferred-lifetime", profile.Dhcpv6.PreferredLifetime, Lifetime),
                ValidLifetime = dhcp.Get("valid-lifetime", profile.Dhcpv6.ValidLifetime, Lifetime),
                RapidCommit = dhcp.Get("rapid-commit", profile.Dhcpv6.RapidCommit, WordText.Boolean),
            },
        };
    }

    /// <summary>Checks the keys against the pools and the rest of the profile.</summary>
    public static void Check(YamlMapping mapping, PppProfile profile, LoadContext context)
    {
        var pools = profile.Ipv6Pools;
        CheckPool(mapping, "ipv6-prefix-pool", pools.Prefixes, context, static length =>
            length == AdvertisedLength ? null : "a subscriber makes its address in a prefix of 64 bits");
        CheckPool(mapping, "delegated-prefix-pool", pools.Delegated, context, static length =>
            length < AddressLength ? null : "an address cannot be delegated; use `ipv6-address-pool`");
        CheckPool(mapping, "ipv6-address-pool", pools.Addresses, context, static length =>
            length == AddressLength ? null : "an address has 128 bits");
        if (!profile.IPv6Router && Keys.FirstOrDefault(mapping.Has) is { } key)
            mapping.Error(key, "needs `ipv6: router`: nothing is given to the peers of other links");
        if (profile.Dhcpv6.ValidLifetime < profile.Dhcpv6.PreferredLifetime && mapping.Section("dhcpv6", Schema) is { } dhcp)
        {
            dhcp.Error(dhcp.Has("valid-lifetime") ? "valid-lifetime" : "preferred-lifetime",
                "the preferred lifetime is longer than the valid one");
        }
    }

    private static void CheckPool(
        YamlMapping mapping, string key, string? name, LoadContext context, Func<int, string?> objection)
    {
        if (name is null)
            return;
        if (!context.PrefixPools.TryGetValue(name, out var pool))
        {
            mapping.Error(
                key, $"there is no pool `{Excerpt.Of(name)}` under prefix-pools" + Suggestion.For(name, context.PrefixPools.Keys));
        }
        else if (pool is not null && objection(pool.Length) is { } why)
        {
            mapping.Error(key, $"`{name}` has prefixes of {pool.Length} bits: {why}");
        }
    }
}
