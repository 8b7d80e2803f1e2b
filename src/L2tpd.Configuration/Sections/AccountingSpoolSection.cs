using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>radius.accounting-spool</c>: records on disk while no server answers.</summary>
internal static class AccountingSpoolSection
{
    private const long LeastSize = 1 << 20;
    private const long MostSize = 16L << 30;

    public static readonly SectionSchema Schema = new("radius accounting-spool", ["directory", "max-size", "max-age"]);

    /// <summary>The settings; <c>null</c> if records wait in memory only.</summary>
    public static AccountingSpoolSettings? Read(YamlMapping radius)
    {
        if (radius.Section("accounting-spool", Schema) is not { } mapping)
            return null;
        if (!mapping.Has("directory"))
            mapping.Error("directory", "is required, for example /var/lib/l2tpd/accounting");
        if (mapping.Get("directory", "", WordText.AbsolutePath) is not { Length: > 0 } directory)
            return null;
        var settings = new AccountingSpoolSettings { Directory = directory };
        return settings with
        {
            MaxSize = mapping.Get("max-size", settings.MaxSize, SizeText.Between(LeastSize, MostSize)),
            MaxAge = mapping.Get("max-age", settings.MaxAge, DurationText.Between(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30))),
        };
    }
}
