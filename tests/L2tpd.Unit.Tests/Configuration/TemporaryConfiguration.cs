using L2tpd.Configuration;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>A directory of configuration files that is removed after the test.</summary>
internal sealed class TemporaryConfiguration : IDisposable
{
    public const string Main = "l2tpd.yaml";

    public TemporaryConfiguration(string main = "") => Write(Main, main);

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("l2tpd-test-").FullName;

    public string? CredentialsDirectory { get; set; }

    /// <summary>Why the machine cannot run pppd; <c>null</c> if it can.</summary>
    public string? PppdObstacle { get; set; }

    public static LoadResult LoadText(string text)
    {
        using var files = new TemporaryConfiguration(text);
        return files.Load();
    }

    /// <summary>The configuration; the test fails if there are errors or warnings.</summary>
    public static DaemonConfiguration Good(string text)
    {
        var result = LoadText(text);
        Assert.Empty(result.Errors.Select(static error => error.ToString()));
        Assert.Empty(result.Warnings.Select(static warning => warning.ToString()));
        return result.Configuration!;
    }

    /// <summary>Writes a file that only its owner may read.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Whether other users may enter the directory; a new one is for its owner alone.</summary>
    public void LetAllEnter(bool may)
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(Directory, may ? Owner | UnixFileMode.OtherRead | UnixFileMode.OtherExecute : Owner);
    }

    public void LetAllRead(string name)
    {
        if (!OperatingSystem.IsLinux())
            return;
        File.SetUnixFileMode(Path.Combine(Directory, name), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        LetAllEnter(true);
    }

    /// <summary>Loads the files; with a data plane as a reload does if that one is running.</summary>
    public LoadResult Load(DataPlaneChoice? running = null) =>
        Load(new LoadEnvironment("machine", CredentialsDirectory, RunningDataPlane: running) { PppdObstacle = (_, _) => PppdObstacle });

    public LoadResult Load(LoadEnvironment environment) => ConfigurationLoader.Load(Path.Combine(Directory, Main), environment);

    /// <summary>The errors as text, without the directory.</summary>
    public string[] Lines(IEnumerable<ConfigurationError> found) =>
        [.. found.Select(error => error.ToString().Replace(Directory + "/", "", StringComparison.Ordinal))];

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
