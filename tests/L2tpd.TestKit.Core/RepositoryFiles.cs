namespace L2tpd.TestKit;

/// <summary>Files of the repository in which the tests were built: the directory above the test's own that has L2tpd.sln.</summary>
public static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    /// <param name="path">Relative to <see cref="Root"/>.</param>
    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "L2tpd.sln")))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException("no L2tpd.sln above " + AppContext.BaseDirectory);
    }
}
