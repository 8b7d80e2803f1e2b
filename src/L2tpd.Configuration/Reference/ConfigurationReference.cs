using System.Collections.Immutable;

namespace L2tpd.Configuration.Reference;

/// <summary>
/// The texts of the reference, of every key of <see cref="ConfigurationSchema"/>. The daemon does not need them, and a native build leaves
/// them out.
/// </summary>
public static class ConfigurationReference
{
    /// <summary>The sections, in no order.</summary>
    public static ImmutableArray<SectionReference> Sections { get; } =
    [
        .. DaemonReference.Sections, .. PppReference.Sections, .. SubscriberReference.Sections, .. RadiusReference.Sections,
        .. SessionReference.Sections, .. PeerReference.Sections, .. TunnelReference.Sections, .. StaticReference.Sections,
    ];
}
