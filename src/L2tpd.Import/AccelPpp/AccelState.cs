namespace L2tpd.Import.AccelPpp;

/// <summary>What was read so far, by subject, and in which order it is written.</summary>
internal sealed class AccelState(ImportLog log, YamlBlock root)
{
    private readonly L2tpKeys _l2tp = new(log);
    private readonly ProfileKeys _profile = new(log);
    private readonly PoolKeys _pools = new(log);
    private readonly RadiusKeys _radius = new(log);
    private readonly HashSet<string> _modules = new(StringComparer.Ordinal);

    /// <summary>Takes a key that the table knows.</summary>
    /// <returns>What is wrong with it; <c>null</c> if it was taken.</returns>
    public string? Take(string section, IniEntry entry)
    {
        switch (section)
        {
            case "modules":
                _modules.Add(entry.Key);
                return null;
            case "l2tp" when entry.Key is "ip-pool" or "ipv6-pool" or "ipv6-pool-delegate":
                return _pools.Choose(entry);
            case "l2tp" when entry.Key is "ppp-max-mtu" or "mppe" or "session-timeout":
                return _profile.Take(section, entry);
            case "l2tp" or "client-ip-range":
                return _l2tp.Take(section, entry);
            case "ip-pool" or "ipv6-pool" when entry.Key != "gw-ip-address":
                return _pools.Take(section, entry);
            case "radius" when entry.Key is not ("gw-ip-address" or "acct-interim-interval" or "nas-identifier"):
                return _radius.Take(entry);
            case "common" when entry.Key == "max-sessions":
                return TakeSessions(entry);
            case "log":
                return TakeLevel(entry);
            default:
                return _profile.Take(section, entry);
        }
    }

    public void Write()
    {
        if (!_modules.Contains("l2tp"))
            root.Comment("The module l2tp is not in [modules]: accel-ppp did not speak L2TP.");
        _l2tp.Write(root);
        var profile = root.Block("ppp").Block("subscribers");
        var hasRadius = _modules.Contains("radius") && _radius.HasServers;
        _profile.Write(profile, _modules, hasRadius, _radius);
        _pools.Write(root, profile, _profile.Local, _profile.SetsIpv6Router);
        if (hasRadius)
            _radius.Write(root.Block("radius"));
        else if (_radius.HasServers)
            log.Lose(root, "[radius] server", "the module radius is not in [modules]");
    }

    private string? TakeSessions(IniEntry entry)
    {
        if (entry.Text == "0")
            return null;
        if (AccelPppImport.Number(entry.Text, 1, 100_000_000) is not { } most)
            return "it is not a number from 1 to 100000000";
        root.Block("limits").Set("sessions", most);
        return null;
    }

    private string? TakeLevel(IniEntry entry)
    {
        var level = entry.Text switch { "0" or "1" => "error", "2" => "warning", "3" or "4" => "information", "5" => "debug", _ => null };
        if (level is null)
            return "it is not a level from 0 to 5";
        root.Block("log").Set("level", level);
        return null;
    }
}
