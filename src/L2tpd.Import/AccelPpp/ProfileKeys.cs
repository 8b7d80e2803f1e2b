using System.Globalization;
using System.Text;

namespace L2tpd.Import.AccelPpp;

/// <summary>[ppp], [auth], [common], [dns], [wins], [chap-secrets], [shaper] and what else a PPP profile consists of.</summary>
internal sealed class ProfileKeys(ImportLog log)
{
    // Those of l2tpd that each module stands for, the strongest first.
    private static readonly (string Module, string Protocol)[] Protocols =
        [("auth_mschap_v2", "mschap-v2"), ("auth_chap_md5", "chap"), ("auth_pap", "pap")];

    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    private readonly List<string> _search = [];
    private readonly List<string> _ipv6Dns = [];

    /// <summary>Our address; <c>null</c> if no section has one.</summary>
    public string? Local =>
        _words.GetValueOrDefault("pool-gw") ?? _words.GetValueOrDefault("chap-gw") ?? _words.GetValueOrDefault("radius-gw");

    public bool SetsIpv6Router { get; private set; }

    public string? Take(string section, IniEntry entry) => (section, entry.Key) switch
    {
        ("ip-pool", _) => Address("pool-gw", entry),
        ("chap-secrets", "gw-ip-address") => Address("chap-gw", entry with { Value = entry.Text.Split('/')[0] }),
        ("radius", "gw-ip-address") => Address("radius-gw", entry),
        ("dns" or "wins", _) => Address(entry.Key, entry),
        ("ipv6-dns", _) => TakeIpv6Dns(entry),
        ("radius", "nas-identifier") or ("auth", "challenge-name") => Word("name", entry, static _ => true, "it is too long or empty"),
        ("chap-secrets", _) => Word("secrets", entry, static text => text.StartsWith('/'), "it is not an absolute path"),
        ("common", "single-session") => Word("single", entry, static text => text is "replace" or "deny", "it is not replace or deny"),
        ("shaper", _) => TakeRate(entry),
        ("ppp" or "l2tp", "mppe") => entry.Text is "require" or "prefer" ? "built-in PPP has no MPPE: use IPsec" : null,
        ("ppp", "ipv4") => entry.Text == "deny" ? "built-in PPP always negotiates IPv4" : null,
        ("ppp", "ipv6") => Word("ipv6", entry, static text => text is "deny" or "allow" or "prefer" or "require", "it is not a known word"),
        ("l2tp" or "common", "session-timeout") => Number("session-timeout", entry, 2_592_000),
        ("radius", "acct-interim-interval") => Number("interim", entry, 2_592_000),
        ("auth", "interval" or "max-failure" or "noauth") => Number(entry.Key, entry, 86_400),
        _ => Number(entry.Key, entry, int.MaxValue),
    };

    public void Write(YamlBlock profile, HashSet<string> modules, bool hasRadius, RadiusKeys radius)
    {
        profile.Set("backend", "built-in");
        if (_words.TryGetValue("name", out var name))
            profile.Text("name", name);
        if (Local is { } local)
            profile.Set("local", local);
        else
            log.Lose(profile, "gw-ip-address", "no section has it: built-in PPP needs `local`, our own address");
        WriteAccess(profile, modules, hasRadius, radius);
        WriteServers(profile, "dns", ["dns1", "dns2"]);
        WriteServers(profile, "nbns", ["wins1", "wins2"]);
        WriteSizes(profile);
        WriteEcho(profile);
        WriteTimes(profile);
        WriteIpv6(profile, modules);
        if (_words.TryGetValue("rate", out var rate))
            profile.Set("rate", rate);
    }

    private void WriteAccess(YamlBlock profile, HashSet<string> modules, bool hasRadius, RadiusKeys radius)
    {
        var protocols = Protocols.Where(one => modules.Contains(one.Module)).Select(static one => one.Protocol).ToArray();
        if (_numbers.GetValueOrDefault("noauth") > 0)
        {
            profile.Comment("WARNING: everybody who reaches this host gets a session, as before (noauth).");
            profile.Set("auth", "none");
            return;
        }

        if (protocols.Length == 0)
            profile.Comment("No module for authentication is loaded; here peers must authenticate by one of these.");
        profile.List("auth", protocols.Length > 0 ? protocols : Protocols.Select(static one => one.Protocol));
        var path = _words.GetValueOrDefault("secrets") ?? log.Settings.ChapSecretsPath;
        var hasUsers = modules.Contains("chap-secrets") || !hasRadius;
        if (hasUsers && log.Settings.ReadFile(path) is null)
        {
            log.Lose(profile, "users", $"{path} cannot be read: name the file with --chap-secrets");
            hasUsers = false;
        }

        if (hasRadius)
            profile.List("access", hasUsers ? ["radius", "local"] : ["radius"]);
        if (hasRadius && radius.Group is { } group)
            profile.Set("radius-group", group);
        if (hasUsers)
            profile.List("secrets-files", [path]);
        if (_numbers.GetValueOrDefault("interval") is var interval and > 0 && protocols is not ["pap"])
            profile.Set("rechallenge-interval", $"{interval}s");
        if (_numbers.GetValueOrDefault("max-failure") is var failures and > 1)
            profile.Set("auth-retries", Math.Min(failures - 1, 10));
    }

    private void WriteServers(YamlBlock profile, string key, string[] from)
    {
        var servers = from.Select(_words.GetValueOrDefault).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        if (servers.Length > 0)
            profile.List(key, servers);
    }

    private void WriteSizes(YamlBlock profile)
    {
        // accel-ppp's own limit for PPP over L2TP.
        var most = Math.Min(_numbers.GetValueOrDefault("ppp-max-mtu", 1420), _numbers.GetValueOrDefault("max-mtu", 1500));
        var least = _words.GetValueOrDefault("ipv6") is null or "deny" ? 128 : 1280;
        foreach (var key in new[] { "mtu", "mru" })
        {
            if (_numbers.TryGetValue(key, out var size))
                profile.Set(key, Math.Clamp(Math.Min(size, most), least, 16_384));
        }
    }

    private void WriteEcho(YamlBlock profile)
    {
        if (!_numbers.TryGetValue("lcp-echo-interval", out var interval))
            return;
        profile.Set("echo-interval", interval == 0 ? "never" : $"{Math.Min(interval, 2_592_000)}s");
        var failures = _numbers.GetValueOrDefault("lcp-echo-failure");
        if (interval > 0 && _numbers.GetValueOrDefault("lcp-echo-timeout") is var timeout and > 0)
            failures = (timeout + interval - 1) / interval;
        if (failures > 0)
            profile.Set("echo-failures", Math.Min(failures, 1000));
    }

    private void WriteTimes(YamlBlock profile)
    {
        if (_words.TryGetValue("single", out var single))
            profile.Set("same-user", single == "replace" ? "replace" : "refuse");
        if (_numbers.GetValueOrDefault("session-timeout") is var longest and > 0)
            profile.Set("session-timeout", $"{longest}s");
        if (_numbers.GetValueOrDefault("interim") is var interim and > 0)
            profile.Set("interim-interval", $"{Math.Max(interim, 60)}s");
    }

    private void WriteIpv6(YamlBlock profile, HashSet<string> modules)
    {
        if (_words.GetValueOrDefault("ipv6") is null or "deny")
            return;
        SetsIpv6Router = modules.Contains("ipv6_nd") || modules.Contains("ipv6_dhcp");
        profile.Set("ipv6", SetsIpv6Router ? "router" : "link-local");
        if (!SetsIpv6Router)
            return;
        if (_ipv6Dns.Count > 0)
            profile.List("ipv6-dns", _ipv6Dns.Take(8));
        if (_search.Count > 0)
            profile.List("ipv6-search", _search.Take(8));
        if (!_numbers.ContainsKey("pref-lifetime") && !_numbers.ContainsKey("valid-lifetime"))
            return;
        var valid = Math.Clamp(_numbers.GetValueOrDefault("valid-lifetime", 2_592_000), 120, 2_592_000);
        var preferred = Math.Clamp(_numbers.GetValueOrDefault("pref-lifetime", 604_800), 120, valid);
        profile.Block("dhcpv6").Set("preferred-lifetime", $"{preferred}s");
        profile.Block("dhcpv6").Set("valid-lifetime", $"{valid}s");
    }

    private string? TakeIpv6Dns(IniEntry entry)
    {
        var text = entry.Key == "dns" || entry.Value is null ? entry.Value ?? entry.Key : "";
        if (entry.Key == "dnssl" && IsDomain(entry.Text.TrimEnd('.')))
            _search.Add(entry.Text.TrimEnd('.'));
        else if (Ipv6.IsHost(text))
            _ipv6Dns.Add(text);
        else
            return "it is neither an IPv6 address nor a domain";
        return null;
    }

    private static bool IsDomain(string text) => text.Length is > 0 and <= 200 && text.Any(char.IsAsciiLetter)
        && text.Split('.').All(static label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'));

    // In kbit/s, one rate for both or down/up.
    private string? TakeRate(IniEntry entry)
    {
        var rates = entry.Text.Split('/');
        var read = rates.Select(static rate => AccelPppImport.Number(rate.Trim(), 1, 100_000_000)).ToArray();
        if (read.Length > 2 || read.Any(static rate => rate is null))
            return "it is not one or two rates in kbit/s";
        _words["rate"] = string.Join('/', read.Select(static rate => string.Create(CultureInfo.InvariantCulture, $"{rate}k")));
        return null;
    }

    private string? Address(string key, IniEntry entry) =>
        Word(key, entry, static text => Ipv4.TryReadHost(text, out _), "it is not an IPv4 address");

    private string? Word(string key, IniEntry entry, Func<string, bool> isValid, string problem)
    {
        var text = entry.Text;
        if (text.Length == 0 || text.Any(char.IsControl) || Encoding.UTF8.GetByteCount(text) > 255 || !isValid(text))
            return problem;
        _words.TryAdd(key, text);
        return null;
    }

    private string? Number(string key, IniEntry entry, long most)
    {
        if (AccelPppImport.Number(entry.Text, 0, most) is not { } value)
            return $"it is not a number from 0 to {most}";
        _numbers[key] = value;
        return null;
    }
}
