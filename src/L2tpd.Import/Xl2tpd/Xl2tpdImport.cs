using System.Collections.Immutable;
using System.Globalization;

namespace L2tpd.Import.Xl2tpd;

/// <summary>
/// Turns xl2tpd.conf into the configuration of l2tpd that does the same, with the files that it names: l2tp-secrets, options of pppd,
/// chap-secrets. What cannot be carried over is a comment at the place where it would stand.
/// <para>It opens no files itself: <see cref="ImportSettings.ReadFile"/> does. It never throws, whatever the text is, and what it writes
/// is a valid configuration.</para>
/// </summary>
public static class Xl2tpdImport
{
    private const string DefaultSecrets = "/etc/xl2tpd/l2tp-secrets";

    /// <summary>Imports a configuration.</summary>
    /// <param name="text">The text of xl2tpd.conf.</param>
    /// <param name="settings">Names, files and choices.</param>
    public static ImportResult Convert(string text, ImportSettings settings)
    {
        var log = new ImportLog(settings);
        var root = new YamlBlock();
        var sections = Joined(Ini.Read(text, ';', anywhere: true), root, log);
        var context = new SectionContext(log, root) { HasLns = sections.Any(static section => section.Kind == "lns") };
        foreach (var global in sections.Where(static section => section.Kind == "global"))
            GlobalKeys.Read(global, context);
        context.Complete();
        foreach (var end in sections.SelectMany(static one => one.Entries).Where(static one => one.Key is "local ip" or "remote ip"))
        {
            if (Ipv4.TryRead(end.Text, out var address))
                context.Taken.Add(address, address);
        }

        // xl2tpd looks through its sections from the last to the first, and through that of the name `default` at the end.
        foreach (var lns in sections.Where(static section => section is { Kind: "lns", Name: not "default" }).Reverse())
            new LnsImport(context, lns).Write();
        foreach (var lns in sections.Where(static section => section is { Kind: "lns", Name: "default" }))
            new LnsImport(context, lns).Write();
        var defaults = sections.FirstOrDefault(static section => section is { Kind: "lac", Name: "default" });
        foreach (var lac in sections.Where(static section => section is { Kind: "lac", Name: not "default" }))
            new LacImport(context, lac, defaults).Write();
        if (defaults is not null)
            LacImport.WriteDefaults(defaults, context);
        context.Finish();
        return log.Result(root, "xl2tpd");
    }

    /// <summary>The file of tunnel secrets that a configuration uses.</summary>
    internal static string SecretsFileOf(string? fromSettings, string? fromFile) => fromSettings ?? fromFile ?? DefaultSecrets;

    // Sections of one name are one section; `lns default` is that of every spelling.
    private static ImmutableArray<IniSection> Joined(ImmutableArray<IniSection> all, YamlBlock root, ImportLog log)
    {
        var joined = ImmutableArray.CreateBuilder<IniSection>();
        foreach (var section in all)
        {
            if (section.Kind is not ("global" or "lns" or "lac"))
            {
                var why = section.Line == 0 ? "it stands before the first section" : $"xl2tpd has no section [{section.Kind}]";
                foreach (var entry in section.Entries)
                    log.Lose(root, entry, why);
                continue;
            }

            var name = section.Name.Equals("default", StringComparison.OrdinalIgnoreCase) ? "default" : section.Name;
            var at = joined.ToList().FindIndex(one => one.Kind == section.Kind && (section.Kind == "global"
                || (name.Length > 0 && one.Name.Equals(name, StringComparison.OrdinalIgnoreCase))));
            if (at < 0)
                joined.Add(section with { Name = name });
            else
                joined[at] = joined[at] with { Entries = joined[at].Entries.AddRange(section.Entries) };
        }

        return joined.DrainToImmutable();
    }

    /// <summary>A number in a range; <c>null</c> for any other text.</summary>
    internal static long? Number(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value : null;
}
