using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;

namespace L2tpd.Configuration.Sections;

/// <c>timers</c>: at the top level for all, in a peer or tunnel for that one.
internal static class TimersSection
{
    public static readonly SectionSchema Schema = new("timers",
    [
        "retransmit-initial", "retransmit-cap", "max-retransmits", "sccrq-retransmits", "hello-interval", "ack-delay", "tunnel-setup",
        "session-setup", "linger",
    ]);

    public static TunnelTimers Read(YamlMapping parent, TunnelTimers defaults)
    {
        if (parent.Section("timers", Schema) is not { } mapping)
            return defaults;
        var timers = new TunnelTimers
        {
            RetransmitInitial = mapping.Get("retransmit-initial", defaults.RetransmitInitial, DurationText.Positive),
            RetransmitCap = mapping.Get("retransmit-cap", defaults.RetransmitCap, DurationText.Positive),
            MaxRetransmits = mapping.Get("max-retransmits", defaults.MaxRetransmits, NumberText.Between(1, 100)),
            // One key for both versions: only their defaults differ.
            MaxRetransmitsV3 = mapping.Get("max-retransmits", defaults.MaxRetransmitsV3, NumberText.Between(1, 100)),
            SccrqRetransmits = mapping.Get("sccrq-retransmits", defaults.SccrqRetransmits, NumberText.Between(1, 100)),
            HelloInterval = mapping.Get("hello-interval", defaults.HelloInterval, DurationText.OrNever),
            AckDelay = mapping.Get("ack-delay", defaults.AckDelay, DurationText.Any),
            TunnelSetup = mapping.Has("tunnel-setup") ? mapping.Get("tunnel-setup", TimeSpan.FromSeconds(60), DurationText.Positive)
                : defaults.TunnelSetup,
            SessionSetup = mapping.Has("session-setup") ? mapping.Get("session-setup", TimeSpan.FromSeconds(60), DurationText.Positive)
                : defaults.SessionSetup,
            Linger = mapping.Get("linger", defaults.Linger, DurationText.Any),
        };
        Check(mapping, timers);
        return timers;
    }

    private static void Check(YamlMapping mapping, TunnelTimers timers)
    {
        var initial = DurationText.Format(timers.RetransmitInitial);
        if (timers.RetransmitCap < timers.RetransmitInitial)
        {
            var key = mapping.Has("retransmit-cap") ? "retransmit-cap" : "retransmit-initial";
            mapping.Error(key, $"retransmit-cap {DurationText.Format(timers.RetransmitCap)} is shorter than retransmit-initial {initial}");
        }

        if (timers.AckDelay >= timers.RetransmitInitial)
        {
            var key = mapping.Has("ack-delay") ? "ack-delay" : "retransmit-initial";
            mapping.Error(key, $"ack-delay {DurationText.Format(timers.AckDelay)} is not shorter than retransmit-initial {initial}: peers "
                + "would retransmit");
        }
    }
}
