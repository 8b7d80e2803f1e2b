using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;

namespace L2tpd.Configuration.Sections;

/// <c>limits</c> at the top level, which protect the whole daemon.
internal static class LimitsSection
{
    // The number of ids: 16 bits without 0 (RFC 2661 section 3.1).
    internal const int Ids = 65_535;

    public static readonly SectionSchema Schema = new("limits",
    [
        "tunnels", "sessions", "half-open", "half-open-per-source", "sccrq-rate-per-source", "sccrq-burst-per-source", "refusal-rate",
        "tracked-sources",
    ]);

    public static EngineLimits Read(YamlMapping root)
    {
        var defaults = new EngineLimits();
        if (root.Section("limits", Schema) is not { } mapping)
            return defaults;
        var limits = new EngineLimits
        {
            MaxTunnels = mapping.Get("tunnels", defaults.MaxTunnels, NumberText.Between(1, Ids)),
            MaxSessions = mapping.Get("sessions", defaults.MaxSessions, NumberText.Between(1, 100_000_000)),
            MaxHalfOpen = mapping.Get("half-open", defaults.MaxHalfOpen, NumberText.Between(1, 1_048_576)),
            MaxHalfOpenPerSource = mapping.Get("half-open-per-source", defaults.MaxHalfOpenPerSource, NumberText.Between(1, Ids)),
            SccrqRatePerSource = mapping.Get("sccrq-rate-per-source", defaults.SccrqRatePerSource, NumberText.Between(1, 1_000_000)),
            SccrqBurstPerSource = mapping.Get("sccrq-burst-per-source", defaults.SccrqBurstPerSource, NumberText.Between(1, 1_000_000)),
            RefusalRate = mapping.Get("refusal-rate", defaults.RefusalRate, NumberText.Between(1, 1_000_000)),
            TrackedSources = mapping.Get("tracked-sources", defaults.TrackedSources, NumberText.Between(1, 10_000_000)),
        };
        if (mapping.Has("half-open-per-source") && limits.MaxHalfOpenPerSource > limits.MaxHalfOpen)
            mapping.Error("half-open-per-source", $"{limits.MaxHalfOpenPerSource} is more than half-open, {limits.MaxHalfOpen}");
        return limits;
    }
}
