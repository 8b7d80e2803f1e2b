namespace L2tpd.Import.Xl2tpd;

/// <summary>The section [global].</summary>
internal static class GlobalKeys
{
    public static void Read(IniSection section, SectionContext context)
    {
        foreach (var entry in KeyTable.Usable(section, Sections.Global, context.Root, context.Log))
        {
            if (!Read(entry, context))
                context.Log.Lose(context.Root, entry, "its value is not valid");
        }
    }

    private static bool Read(IniEntry entry, SectionContext context)
    {
        switch (entry.Key)
        {
            case "listen-addr":
                var isAddress = Ipv4.TryRead(entry.Text, out var address);
                context.ListenAddress = isAddress && address != 0 ? entry.Text : null;
                return isAddress;
            case "port":
                context.Port = Xl2tpdImport.Number(entry.Text, 1, 65_535) ?? context.Port;
                return Xl2tpdImport.Number(entry.Text, 1, 65_535) is not null;
            case "auth file":
                context.AuthFile = entry.Text;
                return entry.Text.Length > 0;
            case "access control":
                context.AccessControl = KeyTable.YesNo(entry.Text) == true;
                break;
            case "force userspace":
                context.ForcesUserspace = KeyTable.YesNo(entry.Text) == true;
                break;
            case "max retries":
                return Timer(context, entry, "max-retransmits", 1, 100, "");
            case "cap backoff":
                // 0: no limit. Ours has one.
                return entry.Text == "0" || Timer(context, entry, "retransmit-cap", 1, 2_592_000, "s");
            default:
                if (KeyTable.YesNo(entry.Text) == true)
                    context.Root.Block("log").Set("level", "debug");
                break;
        }

        return KeyTable.YesNo(entry.Text) is not null;
    }

    private static bool Timer(SectionContext context, IniEntry entry, string key, long least, long most, string unit)
    {
        if (Xl2tpdImport.Number(entry.Text, least, most) is not { } value)
            return false;
        context.Root.Block("timers").Set(key, $"{value}{unit}");
        return true;
    }
}
