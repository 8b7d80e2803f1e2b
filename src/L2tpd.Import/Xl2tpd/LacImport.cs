using L2tpd.Import.Pppd;

namespace L2tpd.Import.Xl2tpd;

/// <summary>A section [lac]: a tunnel that is dialled, with one session.</summary>
internal sealed class LacImport(SectionContext context, IniSection section, IniSection? defaults)
{
    private readonly List<string> _remotes = [];
    private readonly YamlBlock _session = new();
    private bool _dials;
    private bool _redials;
    private bool _defaultRoute;
    private string? _remote;
    private long _wait = 30;

    /// <summary>xl2tpd takes nothing of [lac default] but <c>lns</c>.</summary>
    public static void WriteDefaults(IniSection defaults, SectionContext context)
    {
        foreach (var entry in defaults.Entries.Where(static entry => entry.Key != "lns"))
            context.Log.Lose(context.Root, entry, "xl2tpd takes nothing of [lac default] but `lns`");
    }

    public void Write()
    {
        var block = new YamlBlock();
        var keys = new CommonKeys(context.Log, block);
        foreach (var entry in KeyTable.Usable(section, Sections.Lac, block, context.Log))
        {
            if (!keys.Take(entry) && !TakeOwn(entry, block))
                context.Log.Lose(block, entry, "its value is not valid");
        }

        foreach (var entry in defaults?.Entries.Where(entry => _remotes.Count == 0 && entry.Key == "lns").Take(1) ?? [])
            TakeRemote(entry.Text);
        var tunnels = context.Root.Block("tunnels");
        if (_remotes.Count == 0)
        {
            context.Log.Lose(tunnels, $"the section [lac {section.Name}]", "it has no `lns` that could be dialled");
            return;
        }

        var name = context.Name(section.Name, "lac");
        WriteTunnel(tunnels.Block(name), name, keys, block);
    }

    private void WriteTunnel(YamlBlock tunnel, string name, CommonKeys keys, YamlBlock comments)
    {
        tunnel.Adopt(comments);
        if (!_dials)
            tunnel.Comment("autodial is not set: xl2tpd waits for xl2tpd-control; l2tpd dials at its start.");
        tunnel.List("lns", _remotes);
        keys.WriteRules(tunnel, SecretOf(keys, tunnel), $"{name}.secret");
        if (context.ListenAddress is { } address)
            tunnel.Set("local-address", address);
        tunnel.Comment("xl2tpd dials from its own port, which policies of IPsec may name.");
        tunnel.Set("source-port", context.Port);
        tunnel.Set("persist", _redials ? "true" : "false");
        if (_redials)
            tunnel.Set("backoff", $"{{ initial: {_wait}s, maximum: {_wait}s, jitter: 0 }}");
        var session = tunnel.Block("sessions").Block("main");
        session.Adopt(_session);
        if (!_redials)
            session.Set("persist", "false");
        var profile = session.Block("ppp");
        var options = keys.Options(isLns: false, profile);
        options.TakeOwn(keys.LocalAddress, _remote, _defaultRoute);
        var writer = new ProfileWriter(context.Log, options, profile);
        writer.WriteClient(keys.Name, $"{name}.password");
        context.UsesPppd |= writer.UsesPppd;
    }

    private string? SecretOf(CommonKeys keys, YamlBlock tunnel)
    {
        var secrets = TunnelSecrets.Of(context.Secrets, keys.HostName ?? context.Log.Settings.HostName);
        var named = secrets.Where(secret => secret.Them != "*" && _remotes.Exists(remote =>
            remote.Split(':')[0].Equals(secret.Them, StringComparison.OrdinalIgnoreCase))).ToArray();
        var chosen = named.FirstOrDefault() ?? secrets.FirstOrDefault(static secret => secret.Them == "*")
            ?? (secrets.Length == 1 ? secrets[0] : null);
        if (chosen is null && secrets.Length > 1)
        {
            context.Log.Lose(tunnel, "the secret", "which line of l2tp-secrets counts depends on the host name of the LNS: "
                + string.Join(", ", secrets.Select(static one => one.Them)));
        }
        else if (chosen is null && keys.Challenge)
        {
            context.Log.Lose(tunnel, "challenge = yes", "l2tp-secrets has no line for this LNS");
        }

        return chosen?.Secret;
    }

    private bool TakeOwn(IniEntry entry, YamlBlock block)
    {
        switch (entry.Key)
        {
            case "lns":
                return TakeRemote(entry.Text);
            case "autodial":
                _dials = KeyTable.YesNo(entry.Text) == true;
                break;
            case "redial":
                _redials = KeyTable.YesNo(entry.Text) == true;
                break;
            case "redial timeout":
                _wait = Xl2tpdImport.Number(entry.Text, 1, 2_592_000) ?? _wait;
                return Xl2tpdImport.Number(entry.Text, 1, 2_592_000) is not null;
            case "max redials":
                context.Log.Lose(block, entry, "l2tpd dials until it succeeds; `retry` of a session counts refused passwords only");
                return true;
            case "defaultroute":
                _defaultRoute = KeyTable.YesNo(entry.Text) == true;
                break;
            case "remote ip":
                _remote = entry.Text;
                return true;
            default:
                return TakeSpeed(entry);
        }

        return KeyTable.YesNo(entry.Text) is not null;
    }

    private bool TakeSpeed(IniEntry entry)
    {
        if (Xl2tpdImport.Number(entry.Text, 1, uint.MaxValue) is not { } speed)
            return false;
        if (entry.Key != "rx bps")
            _session.Set("tx-connect-speed", speed);
        if (entry.Key != "tx bps")
            _session.Set("rx-connect-speed", speed);
        return true;
    }

    private bool TakeRemote(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var host = (colon < 0 ? text : text[..colon]).Trim();
        var port = colon < 0 ? 1701 : Xl2tpdImport.Number(text[(colon + 1)..].Trim(), 1, 65_535);
        if (port is null || !IsHost(host))
            return false;
        _remotes.Add(port == 1701 ? host : $"{host}:{port}");
        return true;
    }

    private static bool IsHost(string host) => Ipv4.TryReadHost(host, out _) || (host.Length <= 253
        && !host.All(static c => char.IsAsciiDigit(c) || c == '.')
        && host.TrimEnd('.').Split('.').All(static label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')));
}
