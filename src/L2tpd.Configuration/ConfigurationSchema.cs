using System.Collections.Immutable;
using L2tpd.Configuration.Sections;

namespace L2tpd.Configuration;

/// <summary>Every key the loader knows, section by section. The reference and the man page are checked against it.</summary>
public static class ConfigurationSchema
{
    /// <summary>In the reference's order.</summary>
    public static ImmutableArray<SectionSchema> Sections { get; } =
    [
        RootSection.Schema,
        LogSection.Schema,
        ControlSection.Schema,
        ShutdownSection.Schema,
        ListenSection.Schema,
        LimitsSection.Schema,
        TimersSection.Schema,
        PppSection.Schema,
        DefaultRouteSection.Schema,
        PppUsers.Schema,
        RadiusSection.Schema,
        RadiusSection.ServerSchema,
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

    /// <summary>The words of <c>quirks</c>.</summary>
    public static ImmutableArray<string> Quirks { get; } = [.. PeerRules.QuirkWords.Select(static quirk => quirk.Word)];
}
