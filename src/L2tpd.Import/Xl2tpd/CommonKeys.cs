using System.Text;
using L2tpd.Import.Pppd;

namespace L2tpd.Import.Xl2tpd;

/// <summary>The keys that [lns] and [lac] have in common.</summary>
internal sealed class CommonKeys(ImportLog log, YamlBlock block)
{
    private readonly List<string> _required = [];
    private readonly List<string> _refused = [];
    private bool _authenticatesPeer;
    private bool _refusesAll;
    private bool _debug;
    private bool _login;
    private string? _optionsFile;

    public bool Challenge { get; private set; }

    public bool Hides { get; private set; }

    public string? HostName { get; private set; }

    public string? Name { get; private set; }

    public long? Window { get; private set; }

    public string? LocalAddress { get; private set; }

    /// <summary>Takes a key.</summary>
    /// <returns>Whether it was one of these keys.</returns>
    public bool Take(IniEntry entry)
    {
        switch (entry.Key)
        {
            case "challenge":
                Challenge = KeyTable.YesNo(entry.Text) == true;
                return true;
            case "hidden bit":
                Hides = KeyTable.YesNo(entry.Text) == true;
                return true;
            case "hostname":
                HostName = Checked(entry);
                return true;
            case "name":
                Name = Checked(entry);
                return true;
            case "tunnel rws":
                Window = Xl2tpdImport.Number(entry.Text, 1, 32_767);
                if (Window is null)
                    log.Lose(block, entry, "the receive window is 1 to 32767 messages");
                return true;
            case "local ip":
                LocalAddress = entry.Text;
                return true;
            case "ppp debug":
                _debug = KeyTable.YesNo(entry.Text) == true;
                return true;
            case "unix authentication" or "unix auth":
                _login = KeyTable.YesNo(entry.Text) == true;
                return true;
            case "pppoptfile":
                _optionsFile = entry.Text;
                return true;
            default:
                return TakeAuthentication(entry);
        }
    }

    private bool TakeAuthentication(IniEntry entry)
    {
        var words = entry.Key.Split(' ');
        if (words is not ["require" or "refuse", var what])
            return false;
        var isSet = KeyTable.YesNo(entry.Text) == true;
        if (what is "authentication" or "auth" && words[0] == "require")
            _authenticatesPeer = isSet;
        else if (what is "authentication" or "auth")
            _refusesAll = isSet;
        else if (isSet)
            (words[0] == "require" ? _required : _refused).Add(what);
        return true;
    }

    private string? Checked(IniEntry entry)
    {
        if (entry.Text.Length > 0 && !entry.Text.Any(char.IsControl) && Encoding.UTF8.GetByteCount(entry.Text) <= 255)
            return entry.Text;
        log.Lose(block, entry, "it must be 1 to 255 octets without control characters");
        return null;
    }

    /// <summary>The options that pppd gets: those of the section, then those of its file.</summary>
    /// <param name="isLns">Whether the section is [lns].</param>
    /// <param name="profile">The block of the profile, for comments.</param>
    public PppOptions Options(bool isLns, YamlBlock profile)
    {
        var options = new PppOptions();
        if (Name is not null)
            options.Values["name"] = Name;
        if (_authenticatesPeer)
            options.Authenticate(required: true);
        foreach (var protocol in _required.Where(_ => _authenticatesPeer))
            options.Require(protocol);
        foreach (var protocol in _refusesAll ? ["pap", "chap"] : _refused)
            options.Refuse(protocol);
        if (!_authenticatesPeer && _required.Count > 0)
            profile.Comment($"Not needed: require {string.Join(", ", _required)}: without `require authentication` xl2tpd ignores it.");
        if (_debug)
            options.ReadFile("debug");
        if (_login && isLns)
            options.ReadFile("login");
        if (_optionsFile is not null && log.Settings.ReadFile(_optionsFile) is { } text)
            options.ReadFile(text);
        else if (_optionsFile is not null)
            log.Lose(profile, $"pppoptfile = {_optionsFile}", "it cannot be read here; its options are missing");
        return options;
    }

    /// <summary>The keys of a peer or tunnel.</summary>
    /// <param name="rules">The peer or tunnel.</param>
    /// <param name="secret">Its secret; <c>null</c> if there is none.</param>
    /// <param name="name">The name of the secret's file.</param>
    public void WriteRules(YamlBlock rules, string? secret, string name)
    {
        if (secret is not null)
        {
            log.Secret(rules, "secret", secret, name);
            if (!Challenge && (rules.Has("secret") || rules.Has("secret-file")))
                rules.Set("challenge", "false");
        }

        if (Hides && (rules.Has("secret") || rules.Has("secret-file")))
            rules.Set("hide-avps", "true");
        else if (Hides)
            log.Lose(rules, "hidden bit = yes", "hiding needs a secret, and there is none for this peer");
        if (HostName is not null)
            rules.Text("host-name", HostName);
        if (Window is { } window)
            rules.Set("receive-window", window);
    }
}
