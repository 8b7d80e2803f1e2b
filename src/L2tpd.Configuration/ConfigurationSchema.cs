using System.Collections.Immutable;
using L2tpd.Configuration.Sections;

namespace L2tpd.Configuration;

/// <summary>Every key of the configuration, by section. Tests compare the reference and the man page with it.</summary>
public static class ConfigurationSchema
{
    /// <summary>The sections, in the order of the reference.</summary>
    public static ImmutableArray<SectionSchema> Sections { get; } =
    [
        RootSection.Schema,
        LogSection.Schema,
        ControlSection.Schema,
        MetricsSection.Schema,
        ShutdownSection.Schema,
        ListenSection.Schema,
        IpsecKey.Schema,
        IpsecKey.StrongSwanSchema,
        LimitsSection.Schema,
        TimersSection.Schema,
        PrefixPoolsSection.Schema,
        PppSection.Schema,
        Ipv6PoolKeys.Schema,
        DefaultRouteSection.Schema,
        PppUsers.Schema,
        RateKey.Schema,
        FramedRoutesSection.Schema,
        FiltersSection.Schema,
        RadiusSection.Schema,
        RadiusSection.GroupSchema,
        RadiusServerSection.Schema,
        RadiusTlsSection.Schema,
        DynamicAuthorizationSection.Schema,
        DynamicAuthorizationSection.ClientSchema,
        AccountingSpoolSection.Schema,
        SessionSettings.Schema,
        SessionSettings.AccmSchema,
        PseudowireSection.Schema,
        PeersSection.Schema,
        PeersSection.MatchSchema,
        PeersSection.EndpointsSchema,
        PeerRules.LimitsSchema,
        TunnelsSection.Schema,
        BackoffSection.Schema, RetrySection.Schema,
        SessionsSection.Schema,
        StaticTunnelsSection.Schema,
        StaticTunnelsSection.KeepaliveSchema,
        StaticSessionsSection.Schema,
        HooksSection.Schema,
    ];

    /// <summary>The values of <c>quirks</c>.</summary>
    public static ImmutableArray<string> Quirks { get; } = [.. PeerRules.QuirkWords.Select(static quirk => quirk.Word)];
}
