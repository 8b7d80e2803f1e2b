using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;

namespace L2tpd.Configuration.Sections;

/// <summary><c>backoff</c> of a tunnel or session: waits between attempts.</summary>
internal static class BackoffSection
{
    public static readonly SectionSchema Schema = new("backoff", ["initial", "maximum", "jitter"]);

    public static Backoff Read(YamlMapping parent, Backoff defaults)
    {
        if (parent.Section("backoff", Schema) is not { } mapping)
            return defaults;
        var backoff = new Backoff
        {
            Initial = mapping.Get("initial", defaults.Initial, DurationText.Positive),
            Maximum = mapping.Get("maximum", defaults.Maximum, DurationText.Positive),
            Jitter = mapping.Get("jitter", defaults.Jitter, NumberText.Fraction),
        };
        if (backoff.Maximum < backoff.Initial)
        {
            mapping.Error(
                mapping.Has("maximum") ? "maximum" : "initial",
                $"maximum {DurationText.Format(backoff.Maximum)} is shorter than initial {DurationText.Format(backoff.Initial)}");
        }

        return backoff;
    }
}
