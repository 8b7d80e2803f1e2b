using L2tpd.Access;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Ppp;

namespace L2tpd.Configuration.Sections;

/// <summary><c>framed-routes</c> of a PPP profile, and <c>routes</c> of its users.</summary>
internal static class FramedRoutesSection
{
    private const int MostRoutes = 256;

    public static readonly SectionSchema Schema = new("framed-routes", ["limit", "covering"]);

    /// <summary>A route as Framed-Route writes it; the length must be given.</summary>
    public static readonly ScalarType<FramedRoute> Route = new("a route such as `192.0.2.0/24`", static text =>
        text.Contains('/', StringComparison.Ordinal) && FramedRouteText.ParseAny(text) is { } route
            ? Parsed<FramedRoute>.Of(route)
            : Parsed<FramedRoute>.Wrong($"`{text}` is not a route; write `192.0.2.0/24`, or `192.0.2.0/24 0.0.0.0 METRIC`"));

    public static FramedRouteRules Read(YamlMapping ppp)
    {
        var defaults = FramedRouteRules.Default;
        return ppp.Section("framed-routes", Schema) is not { } mapping ? defaults : new FramedRouteRules(
            mapping.Get("limit", defaults.Limit, NumberText.Between(0, MostRoutes)),
            mapping.Get("covering", defaults.Covering, WordText.Boolean));
    }
}
