using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;

namespace L2tpd.Configuration.Sections;

/// <summary>
/// How a session is set up: <c>lns</c> at the top level and in a peer, <c>peer-sessions</c> of a tunnel, and part of each dialled session.
/// </summary>
internal static class SessionSettings
{
    public static readonly SectionSchema Schema =
        new("lns", ["ppp", "sequencing", "reorder-timeout", "accm", "report-errors", "pseudowire"]) { Elsewhere = Misplaced.InSession };

    public static readonly SectionSchema AccmSchema = new("accm", ["send", "receive"]);

    // Data that is delayed longer than this is useless.
    private static readonly ScalarType<TimeSpan> ReorderTimeout = DurationText.Between(TimeSpan.Zero, TimeSpan.FromSeconds(10));

    /// <summary>Reads the settings under a key, for sessions that the peer asks for.</summary>
    public static SessionProfile ReadAccepted(YamlMapping parent, string key, SessionProfile defaults, LoadContext context) =>
        parent.Section(key, Schema) is { } mapping ? Read(mapping, defaults, dialled: false, context) : defaults;

    /// <summary>Reads the settings among the keys of a mapping.</summary>
    public static SessionProfile Read(YamlMapping mapping, SessionProfile defaults, bool dialled, LoadContext context)
    {
        var pseudowire = PseudowireSection.Read(mapping, defaults.Pseudowire, out var isEthernet);
        // A session with a bridge does not inherit PPP from an outer mapping.
        var ppp = PppSection.ReadReference(mapping, isEthernet ? null : defaults.Ppp, dialled, context);
        if (dialled && isEthernet && ppp is not null)
            mapping.Error("pseudowire", "is for an Ethernet session, but the session runs PPP: remove one of the two");
        if (pseudowire.Type == PseudowireType.Ppp && ppp is null && !mapping.Has("ppp") && context.DataPlane != DataPlaneChoice.Null)
            mapping.Error("pseudowire", "`type: ppp` needs `ppp`, which says how PPP is run");
        var profile = Read(mapping, defaults, ppp, pseudowire);
        CheckSequencing(mapping, profile);
        return profile;
    }

    private static SessionProfile Read(YamlMapping mapping, SessionProfile defaults, string? ppp, PseudowireProfile pseudowire) => new()
    {
        Ppp = ppp,
        Sequencing = mapping.Get("sequencing", defaults.Sequencing, WordText.Boolean),
        ReorderTimeout = mapping.Get("reorder-timeout", defaults.ReorderTimeout, ReorderTimeout),
        Accm = ReadAccm(mapping, defaults.Accm),
        ReportErrors = mapping.Get("report-errors", defaults.ReportErrors, WordText.Boolean),
        Pseudowire = pseudowire,
    };

    // Errors of an outer mapping are reported there. Here only those that this mapping causes.
    private static void CheckSequencing(YamlMapping mapping, SessionProfile profile)
    {
        if (profile is not { Sequencing: true, Pseudowire: { Sublayer: L2SpecificSublayer.None, DataSequencing: null } })
            return;
        var key = mapping.Has("sequencing") ? "sequencing" : "pseudowire";
        if (mapping.Has(key))
        {
            mapping.Error(key, "sequencing needs `sublayer: default`: all data would be dropped; for L2TPv2 alone, write "
                + "`data-sequencing: none` in pseudowire");
        }
    }

    private static Accm? ReadAccm(YamlMapping parent, Accm? fallback)
    {
        if (parent.Section("accm", AccmSchema) is not { } mapping)
            return fallback;
        foreach (var key in AccmSchema.Keys.Where(key => !mapping.Has(key)))
            mapping.Error(key, "is required");
        return new Accm(
            mapping.Get("send", uint.MaxValue, NumberText.UInt32),
            mapping.Get("receive", uint.MaxValue, NumberText.UInt32));
    }
}
