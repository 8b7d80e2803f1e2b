using System.Text;

namespace L2tpd.Import.Pppd;

/// <summary>Writes the <c>ppp</c> mapping of a profile that pppd's options describe.</summary>
internal sealed class ProfileWriter(ImportLog log, PppOptions options, YamlBlock block)
{
    private static readonly string[] Protocols = ["mschap-v2", "chap", "pap"];

    private static readonly string[] AllProtocols = ["eap", "mschap-v2", "mschap", "chap", "pap"];

    /// <summary>Whether pppd speaks PPP.</summary>
    public bool UsesPppd { get; private set; }

    /// <summary>A profile for sessions of peers.</summary>
    /// <param name="pool">Addresses for peers; changed: our own is removed.</param>
    /// <param name="local">Our address; <c>null</c> if the file has none.</param>
    public void WriteServer(AddressSet pool, string? local)
    {
        options.Values.TryGetValue("local", out var written);
        var users = log.Settings.ReadFile(log.Settings.ChapSecretsPath) is not null;
        local ??= written;
        var authenticates = options.Authenticates ?? true;
        UsesPppd = Chooses(local is null || !Ipv4.TryReadHost(local, out _) || (authenticates && !users)
            || options.Required.Any(static one => one is "mschap" or "eap"));
        block.Set("backend", UsesPppd ? "pppd" : "built-in");
        if (options.Values.TryGetValue("name", out var name))
            Text("name", name);
        WriteRequired(authenticates, users);
        WriteAddresses(pool, local);
        WriteCommon();
        foreach (var protocol in options.Refused)
            options.AddNeedless($"refuse {protocol}", "it is about proving ourselves, which peers do not ask of an LNS");
        Finish();
    }

    /// <summary>A profile for a session that we dial.</summary>
    /// <param name="user">Our name to the peer, of the section; <c>null</c> for that of the options, or the machine's.</param>
    /// <param name="secretName">The name of the password's file.</param>
    public void WriteClient(string? user, string secretName)
    {
        user = options.Values.GetValueOrDefault("user") ?? options.Values.GetValueOrDefault("name") ?? user ?? log.Settings.HostName;
        var password = options.Values.GetValueOrDefault("password")
            ?? (log.Settings.ReadFile(log.Settings.ChapSecretsPath) is { } file
                ? ChapSecrets.PasswordOf(file, user, options.Values.GetValueOrDefault("remotename"))
                : null);
        UsesPppd = Chooses(password is null);
        block.Set("backend", UsesPppd ? "pppd" : "built-in");
        if (password is null && !UsesPppd)
            log.Lose(block, $"the user {user}", $"there is no password for it in {log.Settings.ChapSecretsPath}");
        else
            WriteUser(user, password, secretName);
        WriteAgreed();
        WriteEnds();
        WriteClientRoute();
        WriteCommon();
        if (options.Authenticates == true)
            log.Lose(block, "the peer must authenticate itself", "l2tpd asks for no proof of an LNS that it dials: use a tunnel secret");
        Finish();
    }

    private bool Chooses(bool needsPppd) => log.Settings.Ppp switch
    {
        PppChoice.Pppd => true,
        PppChoice.BuiltIn => false,
        _ => needsPppd || options.ForPppd.Exists(static option => option.Rule.Use == OptionUse.PppdOnly),
    };

    private void WriteUser(string user, string? password, string secretName)
    {
        Text("user", user);
        if (password is not null)
            log.Secret(block, "password", password, secretName);
        else
            block.Comment("pppd finds the password in its own /etc/ppp/chap-secrets or pap-secrets.");
    }

    private void WriteRequired(bool authenticates, bool users)
    {
        if (!authenticates)
        {
            block.Comment("WARNING: everybody who reaches this host gets a session, as before.");
            block.Set("auth", "none");
            return;
        }

        if (options.Authenticates is null)
            block.Comment("The file does not say whether peers must authenticate; here they must.");
        var required = AllProtocols.Where(one => options.Required.Contains(one) && (UsesPppd || Protocols.Contains(one))).ToArray();
        block.List("auth", required.Length > 0 ? required : Protocols);
        if (!UsesPppd && options.Required.Except(Protocols).Any())
            log.Lose(block, string.Join(", ", options.Required.Except(Protocols)), "built-in PPP has pap, chap and mschap-v2");
        if (!UsesPppd && users)
            block.List("secrets-files", [log.Settings.ChapSecretsPath]);
        else if (!UsesPppd)
            WriteNoUsers();
        if (options.Number("chap-interval") is { } interval and > 0 and <= 86_400 && required is not ["pap"])
            block.Set("rechallenge-interval", $"{interval}s");
    }

    private void WriteNoUsers()
    {
        log.Lose(block, "users", $"{log.Settings.ChapSecretsPath} cannot be read: name the file with --chap-secrets");
        block.Block("users");
    }

    private void WriteAddresses(AddressSet pool, string? local)
    {
        if (local is not null && Ipv4.TryReadHost(local, out var own))
        {
            block.Set("local", local);
            pool.Remove(own, own);
        }
        else if (!UsesPppd || local is not null)
        {
            log.Lose(block, local is null ? "our own address" : $"local ip = {local}",
                UsesPppd ? "`local` is an IPv4 address, not a name" : "built-in PPP needs `local`, an IPv4 address");
        }

        pool.RemoveImpossible();
        if (!pool.IsEmpty)
            block.List("pool", pool.Ranges());
        else if (options.Values.GetValueOrDefault("remote") is { } remote && Ipv4.TryReadHost(remote, out _) && remote != local)
            block.Set("remote", remote);
    }

    private void WriteAgreed()
    {
        var known = UsesPppd ? AllProtocols : Protocols;
        var agreed = known.Where(one => !options.Refused.Contains(one)).ToArray();
        if (agreed.Length == 0)
            log.Lose(block, "all authentication is refused", "l2tpd answers an LNS that asks for the password");
        else if (agreed.Length < known.Length)
            block.List("auth", agreed);
    }

    private void WriteEnds()
    {
        foreach (var end in new[] { "local", "remote" })
        {
            if (!options.Values.TryGetValue(end, out var address) || address == "0.0.0.0")
                continue;
            if (Ipv4.TryReadHost(address, out _) && (end == "local" || address != options.Values.GetValueOrDefault("local")))
                block.Set(end, address);
            else
                log.Lose(block, $"{end} ip = {address}", "it must be an IPv4 address that a host can have");
        }
    }

    private void WriteClientRoute()
    {
        var metric = options.Number("defaultroute-metric");
        if (options.Flags.Contains("replacedefaultroute") && options.Flags.Contains("defaultroute"))
            block.Set("default-route", "{ replace: true }");
        else if (options.Flags.Contains("defaultroute") && metric is >= 0 and <= uint.MaxValue)
            block.Set("default-route", $"{{ metric: {metric} }}");
        else if (options.Flags.Contains("defaultroute"))
            block.Set("default-route", "true");
        if (options.Flags.Contains("usepeerdns"))
            block.Set("request-dns", "true");
        if (options.Values.TryGetValue("ifname", out var name))
            WriteInterface(name);
    }

    private void WriteInterface(string name)
    {
        if (name.Length is > 0 and <= 15 && name is not ("." or "..")
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            block.Text("interface", name);
        }
        else
        {
            log.Lose(block, $"ifname {name}", "it is not the name of an interface");
        }
    }

    private void WriteCommon()
    {
        WriteServers("dns", options.NameServers);
        WriteServers("nbns", options.NetbiosServers);
        var least = options.Flags.Contains("+ipv6") ? 1280 : 128;
        WriteSize("mtu", least);
        WriteSize("mru", least);
        if (options.Number("lcp-echo-interval") is { } interval)
            block.Set("echo-interval", interval == 0 ? "never" : $"{Math.Min(interval, 2_592_000)}s");
        if (options.Number("lcp-echo-failure") is { } failures and > 0)
            block.Set("echo-failures", Math.Min(failures, 1000));
        if (options.Flags.Contains("+ipv6"))
            block.Set("ipv6", "link-local");
        WriteTime("idle", "idle-timeout");
        WriteTime("maxconnect", "session-timeout");
    }

    private void WriteServers(string key, List<string> servers)
    {
        var good = servers.Where(static one => Ipv4.TryRead(one, out _)).Distinct(StringComparer.Ordinal).ToArray();
        if (good.Length > 0)
            block.List(key, good.Take(2));
        foreach (var server in servers.Except(good.Take(2)))
            log.Lose(block, $"{(key == "dns" ? "ms-dns" : "ms-wins")} {server}", "there is room for two IPv4 addresses (RFC 1877)");
    }

    private void WriteSize(string key, int least)
    {
        if (options.Number(key) is not { } size)
            return;
        if (size >= least && size <= 16_384)
            block.Set(key, size);
        else
            log.Lose(block, $"{key} {size}", $"it must be from {least} to 16384");
    }

    // Keys of built-in PPP; pppd gets its own option.
    private void WriteTime(string option, string key)
    {
        if (options.Number(option) is not { } seconds || seconds == 0)
            return;
        if (UsesPppd)
            options.ForPppd.Add(($"{option} {seconds}", new OptionRule(1, OptionUse.Optional, "")));
        else
            block.Set(key, $"{Math.Min(seconds, 2_592_000)}s");
    }

    private void Finish()
    {
        if (UsesPppd && options.ForPppd.Count > 0)
            block.List("options", options.ForPppd.Select(static option => option.Text).Where(IsOption).Distinct(StringComparer.Ordinal));
        foreach (var (text, rule) in options.ForPppd)
        {
            if (!UsesPppd || !IsOption(text))
                log.Lose(block, text, UsesPppd ? "it contains a control character, or is too long" : rule.Why);
        }

        foreach (var (text, why) in options.Lost)
            log.Lose(block, text, why);
        foreach (var (why, texts) in options.Needless)
            block.Comment($"Not needed: {string.Join(", ", texts)}: {why}.");
    }

    private static bool IsOption(string text) => !text.Any(char.IsControl) && text.Length < 1000;

    private void Text(string key, string value)
    {
        if (value.Length > 0 && !value.Any(char.IsControl) && Encoding.UTF8.GetByteCount(value) <= 255)
            block.Text(key, value);
        else
            log.Lose(block, $"{key} {value}", "it must be 1 to 255 octets without control characters");
    }
}
