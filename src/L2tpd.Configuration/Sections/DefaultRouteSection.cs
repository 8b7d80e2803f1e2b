using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <c>default-route</c> of a PPP profile: yes or no, or a mapping.
/// <param name="IsWanted">Whether there is a default route.</param>
/// <param name="Metric">Its metric.</param>
/// <param name="Replace">Whether it takes precedence over all others.</param>
internal readonly record struct DefaultRouteSection(bool IsWanted, uint Metric, bool Replace)
{
    public static readonly SectionSchema Schema = new("default-route", ["metric", "replace"]);

    public static DefaultRouteSection Read(YamlMapping ppp)
    {
        if (ppp.Find("default-route") is not { } value)
            return default;
        if (value.IsScalar)
            return new DefaultRouteSection(value.Read(false, WordText.Boolean), 0, false);
        if (!value.IsMapping)
        {
            value.Error("write `true`, `false`, or `{ metric: NUMBER, replace: true }`");
            return default;
        }

        var how = value.AsMapping(Schema)!;
        return new DefaultRouteSection(true, how.Get("metric", 0u, NumberText.UInt32), how.Get("replace", false, WordText.Boolean));
    }
}
