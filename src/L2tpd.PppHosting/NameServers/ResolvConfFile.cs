using System.Text;

namespace L2tpd.PppHosting.NameServers;

/// <summary>
/// /etc/resolv.conf with name servers of sessions in place of its own, and a copy of what it was, which is put back with the last session
/// or at the next start. A file that somebody else has written meanwhile is left alone. Written in place: the file may be a mount of its
/// own.
/// </summary>
internal sealed class ResolvConfFile(string path, string copyPath)
{
    private const string Mark = "# Name servers of L2TP sessions, by l2tpd; the former file is put back when they end.";

    private readonly SortedDictionary<string, string[]> _servers = new(StringComparer.Ordinal);

    /// <summary>Name servers of an interface, before those of others.</summary>
    /// <returns>What went wrong, in words; null: nothing.</returns>
    public string? Set(string network, string[] servers)
    {
        _servers[network] = servers;
        return Try(Write);
    }

    /// <summary>Without those of an interface.</summary>
    /// <returns>What went wrong, in words; null: nothing.</returns>
    public string? Remove(string network) => _servers.Remove(network) ? Try(_servers.Count == 0 ? PutBack : Write) : null;

    /// <summary>Puts back what it was before, where the file is ours.</summary>
    /// <returns>What went wrong, in words; null: nothing, or there was nothing to do.</returns>
    public string? Restore() => Try(PutBack);

    private string? Write()
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            return $"{path} is a link to {target}, which another program manages: set `dns: resolved` or `dns: resolvconf` in the "
                + "PPP profile";
        }

        var current = File.Exists(path) ? File.ReadAllText(path) : "";
        if (!IsOurs(current))
            WriteCopy(current);
        var text = new StringBuilder(Mark).Append('\n');
        foreach (var server in _servers.Values.SelectMany(static servers => servers).Distinct())
            text.Append("nameserver ").Append(server).Append('\n');
        foreach (var line in File.ReadLines(copyPath)
            .Where(static line => !line.TrimStart().StartsWith("nameserver", StringComparison.Ordinal)))
        {
            text.Append(line).Append('\n');
        }

        File.WriteAllText(path, text.ToString());
        return null;
    }

    private string? PutBack()
    {
        if (!File.Exists(copyPath))
            return null;
        if (File.Exists(path) && IsOurs(File.ReadAllText(path)))
            File.WriteAllText(path, File.ReadAllText(copyPath));
        File.Delete(copyPath);
        return null;
    }

    /// <summary>A copy is whole or not there.</summary>
    private void WriteCopy(string text)
    {
        File.WriteAllText(copyPath + ".new", text);
        File.Move(copyPath + ".new", copyPath, overwrite: true);
    }

    private static bool IsOurs(string text) => text.StartsWith(Mark, StringComparison.Ordinal);

    private string? Try(Func<string?> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"cannot change {path}: {error.Message}. Under systemd the unit needs ReadWritePaths={path}";
        }
    }
}
