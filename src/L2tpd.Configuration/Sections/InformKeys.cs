using System.Net.Sockets;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Ppp.Inform;

namespace L2tpd.Configuration.Sections;

/// <summary>The keys of a PPP profile for answers to DHCPINFORM: <c>dhcp-domain</c>, <c>dhcp-routes</c>.</summary>
internal static class InformKeys
{
    /// <summary>Keys of built-in PPP.</summary>
    public static readonly string[] Keys = ["dhcp-domain", "dhcp-routes"];

    /// <summary>The profile with the keys' values.</summary>
    public static PppProfile Read(YamlMapping mapping, PppProfile profile)
    {
        var inform = new InformSettings
        {
            Domain = mapping.Get("dhcp-domain", null, AddressText.Domain!),
            Routes = mapping.List("dhcp-routes", [], AddressText.Prefix),
        };
        if (inform.Routes.Any(static route => route.BaseAddress.AddressFamily != AddressFamily.InterNetwork))
            mapping.Error("dhcp-routes", "DHCP has routes of IPv4 only");
        if (inform.Routes.Length > InformSettings.MostRoutes)
            mapping.Error("dhcp-routes", $"a DHCP option has room for {InformSettings.MostRoutes} routes");
        return mapping.Has("dhcp-domain") || mapping.Has("dhcp-routes") ? profile with { Inform = inform } : profile;
    }
}
