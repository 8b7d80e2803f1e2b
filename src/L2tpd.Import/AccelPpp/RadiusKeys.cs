using System.Globalization;
using System.Net;

namespace L2tpd.Import.AccelPpp;

/// <summary>[radius]: servers, their groups, and who may change sessions.</summary>
internal sealed class RadiusKeys(ImportLog log)
{
    private readonly List<Server> _servers = [];
    private readonly List<string> _allowed = [];
    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private string? _source;
    private (string Address, long Port, string Secret)? _dae;

    private sealed record Server(string Address, string Secret, IReadOnlyDictionary<string, string> Options)
    {
        public bool IsBackup => Options.ContainsKey("backup");
    }

    public bool HasServers => _servers.Count > 0;

    /// <summary>The group of all servers; <c>null</c> if they are asked in their order.</summary>
    public string? Group => _servers.Count > 1 && !_servers.Exists(static server => server.IsBackup) ? "all" : null;

    public string? Take(IniEntry entry)
    {
        switch (entry.Key)
        {
            case "server":
                return TakeServer(entry.Text);
            case "auth-server" or "acct-server":
                return "it is obsolete: write `server`, with both ports";
            case "dae-server":
                return TakeDae(entry.Text);
            case "dae-allowed":
                return TakeAllowed(entry.Text);
            case "bind":
                _source = IPAddress.TryParse(entry.Text, out var own) && Ipv4.TryRead(entry.Text, out _) ? own.ToString() : null;
                return _source is null ? "it is not an IPv4 address" : null;
            case "nas-ip-address":
                return "NAS-IP-Address is the address that the servers see; set `source` of the servers if this host has several";
            default:
                if (AccelPppImport.Number(entry.Text, 0, int.MaxValue) is not { } value)
                    return "it is not a number";
                _numbers[entry.Key] = value;
                return null;
        }
    }

    public void Write(YamlBlock radius)
    {
        if (_numbers.GetValueOrDefault("timeout") is var timeout and > 0)
            radius.Set("timeout", $"{Math.Min(timeout, 20)}s");
        if (_numbers.GetValueOrDefault("max-try") is var attempts and > 0)
            radius.Set("attempts", Math.Min(attempts, 10));
        var dead = Math.Max(_numbers.GetValueOrDefault("fail-timeout"), _numbers.GetValueOrDefault("fail-time"));
        dead = _servers.Select(static server => Option(server, "fail-timeout") ?? Option(server, "fail-time") ?? 0).Append(dead).Max();
        if (dead > 0)
            radius.Set("dead-time", $"{Math.Min(dead, 3600)}s");
        // Those that are asked only when no other answers come last.
        var ordered = _servers.OrderBy(static server => server.IsBackup).ToArray();
        for (var i = 0; i < ordered.Length; i++)
            WriteServer(radius.Block("servers").Block(NameOf(i)), ordered[i], i);
        if (Group is { } group)
        {
            radius.Block("groups").Block(group).List("servers", ordered.Select((_, i) => NameOf(i)));
            radius.Block("groups").Block(group).Set("mode", "balance");
        }

        WriteDae(radius);
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"server-{number + 1}");

    private static long? Option(Server server, string key) =>
        server.Options.TryGetValue(key, out var text) ? AccelPppImport.Number(text, 0, int.MaxValue) : null;

    private void WriteServer(YamlBlock block, Server server, int number)
    {
        block.Set("address", server.Address);
        foreach (var key in new[] { "auth-port", "acct-port" })
        {
            if (Option(server, key) is > 0 and <= 65_535 and var port)
                block.Set(key, port);
            else if (server.Options.TryGetValue(key, out var text))
                log.Lose(block, $"{key} = {text}", "a server is asked for both, authentication and accounting");
        }

        log.Secret(block, "secret", server.Secret, $"radius-{NameOf(number)}.secret");
        if (_source is not null)
            block.Set("source", _source);
        if ((Option(server, "req-limit") ?? _numbers.GetValueOrDefault("req-limit")) is var limit and > 0)
            block.Set("max-requests", Math.Min(limit, 65_536));
        if (server.Options.TryGetValue("bind-device", out var device))
            log.Lose(block, $"bind-device = {device}", "servers are reached as the routes say");
        // A weight of 1 is what every server has here.
        if (server.Options.TryGetValue("weight", out var weight) && weight is not ("" or "0" or "1"))
            log.Lose(block, $"weight = {weight}", "servers are shared evenly");
    }

    private void WriteDae(YamlBlock radius)
    {
        if (_dae is not { } dae)
            return;
        var clients = _allowed.Count > 0 ? _allowed : [.. _servers.Select(static server => server.Address)];
        var block = radius.Block("dynamic-authorization");
        if (dae.Address != "0.0.0.0")
            block.Set("listen", dae.Address);
        block.Set("port", dae.Port);
        if (_allowed.Count == 0)
            block.Comment("No dae-allowed: requests of the servers above are taken, and of nobody else.");
        foreach (var (client, i) in clients.Distinct(StringComparer.Ordinal).Select(static (client, i) => (client, i)))
        {
            var written = block.Block("clients").Block(string.Create(CultureInfo.InvariantCulture, $"client-{i + 1}"));
            written.Set("address", client);
            log.Secret(written, "secret", dae.Secret, "radius-clients.secret");
        }
    }

    // address,secret[,key=value...]
    private string? TakeServer(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length < 2 || !Ipv4.TryReadServer(parts[0], out var address) || !IsSecret(parts[1]))
            return "it is not an IPv4 address, a comma and a secret of 1 to 128 octets";
        if (_servers.Exists(server => server.Address == address))
            return "there is a server with that address already";
        var options = parts.Skip(2).Select(static part => part.Split('=', 2)).GroupBy(static pair => pair[0].Trim(), StringComparer.Ordinal)
            .ToDictionary(static one => one.Key, static one => one.Last().Length > 1 ? one.Last()[1].Trim() : "", StringComparer.Ordinal);
        _servers.Add(new Server(address, parts[1], options));
        return null;
    }

    private string? TakeDae(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var place = parts[0].Split(':');
        if (parts.Length < 2 || !IsSecret(parts[1]) || !Ipv4.TryRead(place[0], out _) || place.Length > 2
            || (place.Length > 1 ? AccelPppImport.Number(place[1], 1, 65_535) : 3799) is not { } port)
        {
            return "it is not ADDRESS:PORT,SECRET";
        }

        _dae = (place[0], port, parts[1]);
        return null;
    }

    private string? TakeAllowed(string text)
    {
        List<string> wrong = [];
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var address = part.EndsWith("/32", StringComparison.Ordinal) ? part[..^3] : part;
            if (Ipv4.TryReadHost(address, out _) || Ipv4.IsLoopback(address))
                _allowed.Add(address);
            else
                wrong.Add(part);
        }

        return wrong.Count == 0 ? null : $"clients are single addresses, not {string.Join(", ", wrong)}";
    }

    private static bool IsSecret(string text) => text.Length is > 0 and <= 128 && text.All(static c => c is > ' ' and < (char)127);
}
