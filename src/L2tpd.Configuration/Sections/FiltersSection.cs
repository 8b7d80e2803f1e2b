using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>filters</c>: the nftables table whose sets Filter-Id and <c>filters</c> of a user name.</summary>
internal static class FiltersSection
{
    public static readonly SectionSchema Schema = new("filters", ["table", "required"]);

    /// <summary>The name of a filter.</summary>
    public static readonly ScalarType<string> Name = new("the name of a filter", static text => FilterSettings.IsName(text)
        ? Parsed<string>.Of(text)
        : Parsed<string>.Wrong($"`{text}` is not the name of an nftables set: a letter, then letters, digits, `_`, `-` and `.`"));

    private static readonly ScalarType<(string Family, string Table)> Table = new("a table such as `inet l2tpd_filters`", static text =>
        text.Split(' ') is [("inet" or "ip" or "ip6") and var family, var table] && FilterSettings.IsName(table)
            ? Parsed<(string, string)>.Of((family, table))
            : Parsed<(string, string)>.Wrong(
                $"`{text}` is not a table; write its family (inet, ip or ip6) and its name: `inet l2tpd_filters`"));

    /// <summary>The settings; <c>null</c>: names of filters have no effect.</summary>
    public static FilterSettings? Read(YamlMapping root, LoadContext context)
    {
        if (root.Section("filters", Schema) is not { } mapping)
            return null;
        context.HasFilters = true;
        var defaults = new FilterSettings();
        var (family, table) = mapping.Get("table", (defaults.Family, defaults.Table), Table);
        return new FilterSettings
        {
            Family = family,
            Table = table,
            Required = mapping.Get("required", defaults.Required, WordText.Boolean),
        };
    }
}
