using System.Text;

namespace L2tpd.PppHosting.NameServers;

/// <summary>
/// Replaces the name servers in /etc/resolv.conf by those of sessions. A copy of the former file is written back with the end of the last
/// session or at the next start. A file that another program has changed since is left as it is. The file is written in place, because it
/// may be a mount point.
/// </summary>
internal sealed class ResolvConfFile(string path, string copyPath)
{
    private const string Mark = "# Name servers of L2TP sessions, by l2tpd; the former file is put back when they end.";

    private readonly SortedDictionary<string, string[]> _servers = new(StringComparer.Ordinal);

    /// <summary>Adds the name servers of an interface, before those of other interfaces.</summary>
    /// <returns>The error; <c>null</c> if there is none.</returns>
    public string? Set(string network, string[] servers)
    {
        _servers[network] = servers;
        return Try(Write);
    }

    /// <summary>Removes the name servers of an interface.</summary>
    /// <returns>The error; <c>null</c> if there is none.</returns>
    public string? Remove(string network) => _servers.Remove(network) ? Try(_servers.Count == 0 ? PutBack : Write) : null;

    /// <summary>Writes the former file back if the current one is ours.</summary>
    /// <returns>The error; <c>null</c> if there is none, or there was nothing to do.</returns>
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

    /// <summary>Writes the copy, completely or not at all.</summary>
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
