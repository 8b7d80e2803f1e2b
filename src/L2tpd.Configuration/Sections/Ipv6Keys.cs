using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary>The keys of a PPP profile for IPv6: <c>ipv6</c>, <c>ipv6-dns</c>, <c>ipv6-search</c>.</summary>
internal static class Ipv6Keys
{
    // As many as a router advertisement carries here.
    private const int MostDns = 8;
    private const int MostDomains = 8;

    /// <summary>Keys that need IPv6 by built-in PPP.</summary>
    public static readonly string[] OfRouter = ["ipv6-dns", "ipv6-search"];

    private enum Mode
    {
        None,
        LinkLocal,
        Router,
    }

    private static ScalarType<Mode> Written { get; } = WordText.OneOf(
        ("none", Mode.None), ("link-local", Mode.LinkLocal), ("router", Mode.Router), ("false", Mode.None), ("true", Mode.LinkLocal));

    /// <summary>The profile with the keys' values.</summary>
    public static PppProfile Read(YamlMapping mapping, PppProfile profile)
    {
        var mode = mapping.Get("ipv6", profile.IPv6 ? Mode.LinkLocal : Mode.None, Written);
        return profile with
        {
            IPv6 = mode != Mode.None,
            IPv6Router = mode == Mode.Router,
            IPv6Dns = mapping.List("ipv6-dns", [], AddressText.HostV6),
            IPv6Search = mapping.List("ipv6-search", [], AddressText.Domain),
        };
    }

    /// <summary>Checks what must fit together.</summary>
    public static void Check(YamlMapping mapping, PppProfile profile)
    {
        if (profile is { IPv6Router: true, Backend: PppBackend.Pppd })
            mapping.Error("ipv6", "`router` is only for `backend: built-in`: pppd sends no router advertisements");
        foreach (var key in OfRouter.Where(key => !profile.IPv6Router && mapping.Has(key)))
            mapping.Error(key, "needs `ipv6: router`: it is sent in router advertisements");
        if (profile.IPv6Dns.Length > MostDns)
            mapping.Error("ipv6-dns", $"a router advertisement has room for {MostDns} name servers");
        if (profile.IPv6Search.Length > MostDomains)
            mapping.Error("ipv6-search", $"a router advertisement has room for {MostDomains} domains");
    }
}
