using System.Text;

namespace L2tpd.Import.AccelPpp;

/// <summary>[l2tp] and [client-ip-range]: the listener, timers, and the profile of all peers.</summary>
internal sealed class L2tpKeys(ImportLog log)
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly AddressSet _clients = new();
    private readonly YamlBlock _timers = new();
    private bool _anyClient;

    public string? Take(string section, IniEntry entry)
    {
        if (section == "client-ip-range")
            return TakeClients(entry);
        switch (entry.Key)
        {
            case "bind":
                return Keep(entry, Ipv4.TryRead(entry.Text, out _), "it is not an IPv4 address");
            case "port":
                return Keep(entry, AccelPppImport.Number(entry.Text, 1, 65_535) is not null, "it is not a port");
            case "recv-window":
                return Keep(entry, AccelPppImport.Number(entry.Text, 1, 32_767) is not null, "it is not a number from 1 to 32767");
            case "reorder-timeout":
                return Keep(entry, AccelPppImport.Number(entry.Text, 0, 10_000) is not null, "it is not a number from 0 to 10000");
            case "host-name" or "secret":
                var fits = entry.Text.Length > 0 && !entry.Text.Any(char.IsControl) && Encoding.UTF8.GetByteCount(entry.Text) <= 255;
                return Keep(entry, fits, "it must be 1 to 255 octets without control characters");
            case "dataseq":
                return Keep(entry, entry.Text is "deny" or "allow" or "prefer" or "require", "it is not deny, allow, prefer or require");
            case "hide-avps" or "avp_permissive":
                return Keep(entry, AccelPppImport.Number(entry.Text, 0, 1000) is not null, "it is not a number");
            default:
                return TakeTimer(entry);
        }
    }

    public void Write(YamlBlock root)
    {
        root.Set("listen", $"\"{_values.GetValueOrDefault("bind") ?? "0.0.0.0"}:{_values.GetValueOrDefault("port") ?? "1701"}\"");
        if (_values.TryGetValue("host-name", out var name))
            root.Text("host-name", name);
        if (_timers.HasKeys)
            root.Block("timers").Adopt(_timers);
        var peer = root.Block("peers").Block("clients");
        if (!_anyClient && !_clients.IsEmpty)
            peer.Block("match").List("address", _clients.Prefixes());
        else if (!_anyClient)
            peer.Comment("WARNING: [client-ip-range] has no range: accel-ppp refuses every client, here every address may try.");
        WriteRules(peer);
        peer.Block("lns").Set("ppp", "subscribers");
        WriteSequencing(peer.Block("lns"));
    }

    private void WriteRules(YamlBlock peer)
    {
        if (_values.TryGetValue("secret", out var secret))
            log.Secret(peer, "secret", secret, "clients.secret");
        if (IsOn("hide-avps") && secret is not null)
            peer.Set("hide-avps", "true");
        else if (IsOn("hide-avps"))
            log.Lose(peer, "hide-avps", "hiding needs a secret");
        if (_values.TryGetValue("recv-window", out var window))
            peer.Set("receive-window", window);
        if (IsOn("avp_permissive"))
            peer.List("quirks", ["ignore-unknown-mandatory-avps"]);
    }

    private void WriteSequencing(YamlBlock lns)
    {
        if (_values.GetValueOrDefault("dataseq") is "prefer" or "require")
            lns.Set("sequencing", "true");
        if (_values.TryGetValue("reorder-timeout", out var wait) && wait != "0")
            lns.Set("reorder-timeout", $"{wait}ms");
    }

    private bool IsOn(string key) => _values.TryGetValue(key, out var value) && value.Trim('0').Length > 0;

    private string? Keep(IniEntry entry, bool isValid, string problem)
    {
        if (isValid)
            _values[entry.Key] = entry.Text;
        return isValid ? null : problem;
    }

    private string? TakeTimer(IniEntry entry)
    {
        var most = entry.Key == "retransmit" ? 100 : 2_592_000;
        if (AccelPppImport.Number(entry.Text, 0, most) is not { } value)
            return $"it is not a number from 0 to {most}";
        switch (entry.Key)
        {
            case "hello-interval":
                _timers.Set("hello-interval", value == 0 ? "never" : $"{value}s");
                return null;
            case not "hello-interval" when value == 0:
                return "it must be more than 0";
            case "timeout":
                _timers.Set("tunnel-setup", $"{value}s");
                return null;
            case "rtimeout":
                _timers.Set("retransmit-initial", $"{Math.Min(value, 8)}s");
                return null;
            case "rtimeout-cap":
                _timers.Set("retransmit-cap", $"{Math.Max(value, 8)}s");
                return value < 8 ? "it is at least 8 (RFC 2661 section 5.8); 8s is written" : null;
            default:
                _timers.Set("max-retransmits", value);
                return null;
        }
    }

    private string? TakeClients(IniEntry entry)
    {
        if (entry.Key == "disable")
            _anyClient = true;
        else if (!Ipv4.TryReadPrefixOrRange(entry.Key, out var first, out var last))
            return "it is not a range of IPv4 addresses";
        else if (first == 0 && last == uint.MaxValue)
            _anyClient = true;
        else
            _clients.Add(first, last);
        return null;
    }
}
