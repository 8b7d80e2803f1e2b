using System.Net;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>metrics</c>: Prometheus' text over TCP.</summary>
internal static class MetricsSection
{
    public static readonly SectionSchema Schema = new("metrics", ["listen", "reachable-from"]);

    public static MetricsSettings Read(YamlMapping root)
    {
        if (root.Section("metrics", Schema) is not { } mapping)
            return new MetricsSettings();
        var settings = new MetricsSettings
        {
            Listen = mapping.Get("listen", null, AddressText.EndpointWithPort!),
            ReachableFrom = mapping.List("reachable-from", [], AddressText.Prefix),
        };
        if (settings.Listen is not { } listen)
        {
            if (mapping.Has("reachable-from") && !mapping.Has("listen"))
                mapping.Error("reachable-from", "needs `listen`");
            return settings;
        }

        if (settings.ReachableFrom.IsEmpty && !IPAddress.IsLoopback(listen.Address))
        {
            mapping.Error("listen", $"{listen.Address} can be reached from other machines: say which ones in `reachable-from`, or use "
                + "127.0.0.1");
        }

        return settings;
    }
}
