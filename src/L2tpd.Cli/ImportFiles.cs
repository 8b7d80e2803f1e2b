using System.Text;

namespace L2tpd.Cli;

/// <summary>The files of an import: what it reads and writes.</summary>
/// <param name="main">The configuration of the other daemon.</param>
/// <param name="root">What absolute paths in it start at; <c>null</c> for the root of this machine.</param>
/// <param name="given">Paths of the command line, which are taken as they are.</param>
internal sealed class ImportFiles(string main, string? root, string?[] given)
{
    // No configuration is larger; a file of users may have many lines.
    private const int Longest = 64 * 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The configuration's text; <c>null</c> with what is wrong if it cannot be read.</summary>
    public string? ReadMain(out string problem) => TryRead(main, out problem);

    /// <summary>A file that the configuration names; <c>null</c> if it cannot be read.</summary>
    public string? Read(string path) =>
        path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) ? null : TryRead(PlaceOf(path), out _);

    /// <summary>Writes a secret. A file of that name with another content is an error.</summary>
    public static void WriteSecret(string directory, string name, string secret)
    {
        if (OperatingSystem.IsWindows())
            throw new IOException("secrets are written on Linux only");
        Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        var path = Path.Combine(directory, name);
        if (!File.Exists(path))
            WriteNew(path, secret + "\n");
        else if (File.ReadAllText(path) != secret + "\n")
            throw new IOException($"{path} exists with another content: remove it, or name another directory");
    }

    /// <summary>Writes a file that only its owner may read, and that did not exist.</summary>
    public static void WriteNew(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private string PlaceOf(string path)
    {
        if (given.Any(one => one is not null && (one == path || Path.GetFullPath(one) == path)))
            return path;
        if (!Path.IsPathRooted(path))
            return Path.Combine(Path.GetDirectoryName(Path.GetFullPath(main)) ?? "/", path);
        return root is null ? path : Path.Combine(Path.GetFullPath(root), path.TrimStart('/'));
    }

    private static string? TryRead(string path, out string problem)
    {
        problem = "";
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var text = new StreamReader(file, Encoding.UTF8);
            if (file.CanSeek && file.Length > Longest)
                problem = $"it is longer than {Longest} octets";
            else
                return text.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message.TrimEnd('.');
        }

        return null;
    }
}
