namespace L2tpd.TestKit;

/// <summary>The directory that holds L2tpd.sln, above the test's own.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(directory.FullName, "L2tpd.sln")))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException("no L2tpd.sln above " + AppContext.BaseDirectory);
    }
}
