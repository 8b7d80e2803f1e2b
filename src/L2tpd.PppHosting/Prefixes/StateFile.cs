namespace L2tpd.PppHosting.Prefixes;

/// <summary>A small text file of the state directory, replaced as a whole: a crash leaves the former or the new content.</summary>
/// <param name="directory">The state directory; made when it is first written to.</param>
/// <param name="name">The file's name.</param>
/// <param name="isSecret">Only its owner may read it.</param>
internal sealed class StateFile(string directory, string name, bool isSecret = false)
{
    public string Path { get; } = System.IO.Path.Combine(directory, name);

    /// <summary>Reads all lines.</summary>
    /// <param name="error">Why it cannot be read; <c>null</c>: it was read, or is not there.</param>
    /// <returns><c>null</c> if there is no file, or it cannot be read.</returns>
    public IReadOnlyList<string>? Read(out string? error)
    {
        error = null;
        try
        {
            return File.ReadAllLines(Path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error = failure.Message;
            return null;
        }
    }

    /// <summary>Writes all lines. May block.</summary>
    /// <returns>Why it cannot be written; <c>null</c>: it is on the disk.</returns>
    public string? Write(IEnumerable<string> lines)
    {
        var temporary = Path + ".new";
        try
        {
            Directory.CreateDirectory(directory);
            using (var file = new FileStream(temporary, Options()))
            using (var writer = new StreamWriter(file) { NewLine = "\n" })
            {
                foreach (var line in lines)
                    writer.WriteLine(line);
                writer.Flush();
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path, overwrite: true);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }

    private FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (isSecret && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
