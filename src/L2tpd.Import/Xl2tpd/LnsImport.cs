using L2tpd.Import.Pppd;

namespace L2tpd.Import.Xl2tpd;

/// <summary>A section [lns]: a PPP profile, and one peer profile for each line of l2tp-secrets that can count for it.</summary>
internal sealed class LnsImport(SectionContext context, IniSection section)
{
    private readonly AddressSet _pool = new();
    private readonly AddressSet _lacs = new();
    private bool _assigns = true;
    private bool _exclusive;
    private string? _localOfRange;

    private bool IsDefault => section.Name == "default";

    public void Write()
    {
        var name = context.Name(section.Name, "lns");
        var profile = context.Root.Block("ppp").Block(name);
        var keys = new CommonKeys(context.Log, profile);
        foreach (var entry in KeyTable.Usable(section, Sections.Lns, profile, context.Log))
        {
            if (!keys.Take(entry) && !TakeOwn(entry, profile))
                context.Log.Lose(profile, entry, "its value is not valid");
        }

        if (!_assigns)
            WithoutPool(profile);
        LeaveOutTaken(profile);
        WritePeers(name, keys, profile);
        var options = keys.Options(isLns: true, profile);
        var writer = new ProfileWriter(context.Log, options, profile);
        writer.WriteServer(_pool, keys.LocalAddress ?? _localOfRange);
        context.UsesPppd |= writer.UsesPppd;
    }

    // An address belongs to one pool.
    private void LeaveOutTaken(YamlBlock profile)
    {
        foreach (var (first, last) in context.Taken.Within(0, uint.MaxValue))
        {
            if (first != last && _pool.Overlaps(first, last))
                context.Log.Lose(profile, $"{Ipv4.Write(first)}-{Ipv4.Write(last)}", "pools may not overlap: another section has them");
            _pool.Remove(first, last);
        }

        foreach (var (first, last) in _pool.Within(0, uint.MaxValue))
            context.Taken.Add(first, last);
    }

    private void WithoutPool(YamlBlock profile)
    {
        profile.Comment("assign ip = no: addresses come from secrets files or RADIUS.");
        _pool.Remove(0, uint.MaxValue);
    }

    private bool TakeOwn(IniEntry entry, YamlBlock profile)
    {
        switch (entry.Key)
        {
            case "ip range" or "no ip range":
                return TakeRange(entry, _pool);
            case "lac" or "no lac":
                return TakeRange(entry, _lacs);
            case "local ip range":
                if (!Ipv4.TryReadRange(entry.Text, out var first, out _))
                    return false;
                _localOfRange = Ipv4.Write(first);
                context.Log.Lose(profile, entry, $"all sessions have one address of ours, {_localOfRange}");
                return true;
            case "assign ip":
                _assigns = KeyTable.YesNo(entry.Text) != false;
                break;
            case "exclusive":
                _exclusive = KeyTable.YesNo(entry.Text) == true;
                break;
            default:
                context.Log.Lose(profile, entry, "an LNS announces no speed of its own; a limit is `rate` of built-in PPP");
                return true;
        }

        return KeyTable.YesNo(entry.Text) is not null;
    }

    private static bool TakeRange(IniEntry entry, AddressSet addresses)
    {
        if (!Ipv4.TryReadRange(entry.Text, out var first, out var last))
            return false;
        if (entry.Key.StartsWith("no ", StringComparison.Ordinal))
            addresses.Remove(first, last);
        else
            addresses.Add(first, last);
        return true;
    }

    private void WritePeers(string name, CommonKeys keys, YamlBlock profile)
    {
        var peers = context.Root.Block("peers");
        var anyAddress = IsDefault && !context.AccessControl;
        if (!anyAddress && _lacs.IsEmpty)
        {
            context.Log.Lose(peers, $"the section [lns {section.Name}]",
                "xl2tpd never uses it: it has no `lac`" + (IsDefault ? ", and access control is on" : ""));
            profile.Comment("No peer uses this profile.");
            return;
        }

        if (anyAddress && section.Entries.Any(static entry => entry.Key is "lac" or "no lac"))
            peers.Comment("Not needed: lac, no lac in [lns default]: without `access control` xl2tpd ignores them.");
        var secrets = TunnelSecrets.Of(context.Secrets, keys.HostName ?? context.Log.Settings.HostName);
        foreach (var secret in secrets)
            WritePeer(peers, secret.Them == "*" ? name : context.Name($"{name}-{secret.Them}", name), secret, keys, name, anyAddress);
        if (secrets.Any(static secret => secret.Them == "*"))
            return;
        if (keys.Challenge)
            context.Log.Lose(peers, "challenge = yes", "l2tp-secrets has no line for other peers: xl2tpd refuses them, and so does l2tpd");
        else
            WritePeer(peers, name, null, keys, name, anyAddress);
    }

    private void WritePeer(YamlBlock peers, string name, TunnelSecret? secret, CommonKeys keys, string profile, bool anyAddress)
    {
        var peer = peers.Block(name);
        if (!anyAddress)
            peer.Block("match").List("address", _lacs.Prefixes());
        if (secret is not null && secret.Them != "*")
            peer.Block("match").Text("host-name", secret.Them);
        keys.WriteRules(peer, secret?.Secret, $"{name}.secret");
        if (_exclusive)
            WriteExclusive(peer);
        peer.Block("lns").Set("ppp", profile);
    }

    private void WriteExclusive(YamlBlock peer)
    {
        if (_lacs.Prefixes().Take(2).ToArray() is [var only] && !only.Contains('/', StringComparison.Ordinal))
            peer.Block("limits").Set("tunnels", 1);
        else
            context.Log.Lose(peer, "exclusive = yes", "limits.tunnels counts the tunnels of all peers of a profile, not those of each");
    }
}
