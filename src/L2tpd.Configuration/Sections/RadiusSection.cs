using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Radius.Client;

namespace L2tpd.Configuration.Sections;

/// <summary><c>radius</c>: the servers that PPP profiles with <c>access: radius</c> ask, and their groups.</summary>
internal static class RadiusSection
{
    public static readonly SectionSchema Schema =
        new("radius", ["servers", "groups", "timeout", "attempts", "probe-interval", "dead-time", "dynamic-authorization",
            "accounting-spool", "chargeable-user-identity"]);

    public static readonly SectionSchema GroupSchema = new("radius groups", ["servers", "mode"]);

    private static readonly ScalarType<GroupPolicy> Mode =
        WordText.OneOf(("failover", GroupPolicy.Failover), ("balance", GroupPolicy.Balance));

    private static readonly ScalarType<TimeSpan> Timeout =
        DurationText.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(20));

    private static readonly ScalarType<TimeSpan> Interval = DurationText.Between(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));

    /// <summary>The servers; <c>null</c> if there is none.</summary>
    public static RadiusSettings? Read(YamlMapping root, LoadContext context)
    {
        if (root.Section("radius", Schema) is not { } mapping)
            return null;
        if (!mapping.Has("servers"))
            mapping.Error("servers", "is required");
        var servers = ImmutableArray.CreateBuilder<RadiusServerSettings>();
        var names = new List<string>();
        foreach (var value in mapping.Section("servers", null)?.Entries ?? [])
        {
            Names.Check(value);
            names.Add(value.Key);
            if (value.AsMapping(RadiusServerSection.Schema) is { } server
                && RadiusServerSection.Read(server, value.Key, context) is { } read)
            {
                servers.Add(read);
            }
        }

        var defaults = new RadiusSettings();
        var settings = new RadiusSettings
        {
            Servers = servers.DrainToImmutable(),
            Groups = ReadGroups(mapping, names, context),
            Timeout = mapping.Get("timeout", defaults.Timeout, Timeout),
            Attempts = mapping.Get("attempts", defaults.Attempts, NumberText.Between(1, 10)),
            DynamicAuthorization = DynamicAuthorizationSection.Read(mapping, context),
            AccountingSpool = AccountingSpoolSection.Read(mapping),
            ChargeableUserIdentity = mapping.Get("chargeable-user-identity", defaults.ChargeableUserIdentity, WordText.Boolean),
            ProbeInterval = mapping.Get("probe-interval", defaults.ProbeInterval, Interval),
            DeadTime = mapping.Get("dead-time", defaults.DeadTime, Interval),
        };
        if (mapping.Find("servers") is { HasEntries: false } none)
            none.ErrorAtKey("there is no server");
        return settings.Servers.IsEmpty ? null : settings;
    }

    private static ImmutableArray<RadiusGroupSettings> ReadGroups(YamlMapping mapping, List<string> servers, LoadContext context)
    {
        var groups = ImmutableArray.CreateBuilder<RadiusGroupSettings>();
        foreach (var value in mapping.Section("groups", null)?.Entries ?? [])
        {
            Names.Check(value);
            context.RadiusGroups.Add(value.Key);
            if (value.AsMapping(GroupSchema) is { } group && ReadGroup(group, value.Key, servers) is { } read)
                groups.Add(read);
        }

        return groups.DrainToImmutable();
    }

    private static RadiusGroupSettings? ReadGroup(YamlMapping mapping, string name, List<string> servers)
    {
        var members = mapping.List("servers", [], WordText.Text(64));
        if (members.IsEmpty)
        {
            mapping.Error("servers", "is required: names of `radius.servers`");
            return null;
        }

        if (members.FirstOrDefault(member => !servers.Contains(member)) is { } unknown)
            mapping.Error("servers", $"there is no server `{unknown}` in `radius.servers`{Suggestion.For(unknown, servers)}");
        else if (members.Distinct().Count() < members.Length)
            mapping.Error("servers", "a server is listed twice");
        else
            return new RadiusGroupSettings { Name = name, Servers = members, Mode = mapping.Get("mode", GroupPolicy.Failover, Mode) };
        return null;
    }
}
