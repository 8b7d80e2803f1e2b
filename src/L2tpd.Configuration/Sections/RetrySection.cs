using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;

namespace L2tpd.Configuration.Sections;

/// <c>retry</c> of a session: what happens after the peer refused the credentials.
internal static class RetrySection
{
    public static readonly SectionSchema Schema = new("retry", ["max-refused", "give-up-after"]);

    public static LacSession Read(YamlMapping parent, LacSession session)
    {
        if (parent.Section("retry", Schema) is not { } mapping)
            return session;
        var read = session with
        {
            MaxRefused = mapping.Get("max-refused", session.MaxRefused, DurationText.Positive),
            GiveUpAfter = mapping.Has("give-up-after")
                ? mapping.Get("give-up-after", 1, NumberText.Between(1, 1_000_000))
                : session.GiveUpAfter,
        };
        if (read.MaxRefused < read.Backoff.Initial)
        {
            var (most, first) = (DurationText.Format(read.MaxRefused), DurationText.Format(read.Backoff.Initial));
            mapping.Error("max-refused", $"{most} is shorter than the first wait, {first}");
        }

        return read;
    }
}
