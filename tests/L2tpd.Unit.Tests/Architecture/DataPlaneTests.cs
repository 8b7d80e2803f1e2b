using System.Text.RegularExpressions;

namespace L2tpd.Unit.Tests.Architecture;

/// <summary>Data planes are used by their capabilities: only a data plane's own folder and the registry name it.</summary>
public sealed partial class DataPlaneTests
{
    [Fact]
    public void No_file_outside_its_folder_names_a_data_plane()
    {
        var source = Path.Combine(RepositoryFiles.Root, "src");
        var named = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal)
                && !file.Contains("/L2tpd.DataPlanes/", StringComparison.Ordinal))
            .Where(static file => Implementation().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(source, file));
        Assert.Empty(named);
    }

    [Fact]
    public void Each_data_plane_has_a_folder_and_a_line_in_the_registry()
    {
        var room = Path.Combine(RepositoryFiles.Root, "src", "L2tpd.DataPlanes");
        var registry = File.ReadAllText(Path.Combine(room, "DataPlaneRegistry.cs"));
        var factories = Directory.EnumerateFiles(room, "*DataPlaneFactory.cs", SearchOption.AllDirectories)
            .Where(static file => Path.GetFileName(file) != "IDataPlaneFactory.cs")
            .Select(static file => Path.GetFileNameWithoutExtension(file))
            .ToArray();
        Assert.True(factories.Length >= 3, "the factories were not found");
        Assert.All(factories, factory => Assert.Contains($"new {factory}(),", registry, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\b(Kernel|Userspace|Null)DataPlane(Factory)?\b")]
    private static partial Regex Implementation();
}
