using System.Globalization;

namespace L2tpd.Import.AccelPpp;

/// <summary>
/// Turns accel-ppp.conf into the configuration of l2tpd that does the same for L2TP: one listener, one peer profile, one PPP profile of
/// built-in PPP, pools, RADIUS servers. What cannot be carried over is a comment. It opens no files itself and never throws, whatever the
/// text is.
/// </summary>
public static class AccelPppImport
{
    /// <summary>Imports a configuration.</summary>
    /// <param name="text">The text of accel-ppp.conf.</param>
    /// <param name="settings">Names, files and choices.</param>
    public static ImportResult Convert(string text, ImportSettings settings)
    {
        var log = new ImportLog(settings);
        var root = new YamlBlock();
        var state = new AccelState(log, root);
        foreach (var section in Ini.Read(text, '#', anywhere: false))
            Read(section, state, log, root);
        state.Write();
        return log.Result(root, "accel-ppp");
    }

    private static void Read(IniSection section, AccelState state, ImportLog log, YamlBlock root)
    {
        if (KeyTable.Sections.TryGetValue(section.Kind, out var why))
        {
            log.Lose(root, $"the section [{section.Kind}] (line {section.Line})", why);
            return;
        }

        if (section.Kind is not ("modules" or "client-ip-range") && !KeyTable.KnownSections.Contains(section.Kind))
        {
            log.Lose(root, $"the section [{section.Kind}] (line {section.Line})", "accel-ppp.conf(5) has no such section");
            return;
        }

        var needless = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var entry in section.Entries)
            Read(section.Kind, entry, state, log, root, needless);
        foreach (var (reason, entries) in needless)
            root.Comment($"Not needed: [{section.Kind}] {string.Join(", ", entries)}: {reason}.");
    }

    private static void Read(string section, IniEntry entry, AccelState state, ImportLog log, YamlBlock root,
        SortedDictionary<string, List<string>> needless)
    {
        var rule = section == "modules" ? KeyTable.Modules.GetValueOrDefault(entry.Key) : KeyTable.Find(section, entry.Key);
        switch (rule?.Use)
        {
            case KeyUse.Needless:
                if (!needless.TryGetValue(rule.Why, out var entries))
                    needless[rule.Why] = entries = [];
                entries.Add(entry.Written);
                break;
            case KeyUse.Impossible:
                if (entry.Text != "0")
                    log.Lose(root, $"[{section}] {Safe(entry)} (line {entry.Line})", rule.Why);
                break;
            case null when section is not ("ip-pool" or "ipv6-pool" or "client-ip-range" or "ipv6-dns"):
                log.Lose(root, $"[{section}] {Safe(entry)} (line {entry.Line})", "accel-ppp.conf(5) has no such key there");
                break;
            default:
                if (state.Take(section, entry) is { } problem)
                    log.Lose(root, $"[{section}] {Safe(entry)} (line {entry.Line})", problem);
                break;
        }
    }

    // Lines that have a secret are not quoted.
    private static string Safe(IniEntry entry) =>
        entry.Key is "server" or "auth-server" or "acct-server" or "dae-server" or "secret" or "dm_coa_secret" ? entry.Key : entry.Written;

    /// <summary>A number in a range; <c>null</c> for any other text.</summary>
    internal static long? Number(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value : null;
}
