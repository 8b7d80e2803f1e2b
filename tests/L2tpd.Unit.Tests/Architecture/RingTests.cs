using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace L2tpd.Unit.Tests.Architecture;

/// <summary>References between rooms are those of docs/architecture.md; the rooms without I/O use no I/O; no stub is left.</summary>
public sealed partial class RingTests
{
    private const string Prefix = "L2tpd.";

    [Fact]
    public void Project_references_are_those_of_the_architecture()
    {
        var documented = Documented();
        var projects = Directory.GetDirectories(Path.Combine(RepositoryFiles.Root, "src"), Prefix + "*").Select(d => Path.GetFileName(d)!)
            .Order(StringComparer.Ordinal);
        Assert.Equal(documented.Keys.Order(StringComparer.Ordinal), projects);
        foreach (var (project, references) in documented)
            Assert.Equal(references.Order(StringComparer.Ordinal), ProjectReferences(project).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Compiled_assemblies_refer_to_nothing_else()
    {
        var documented = Documented();
        var names = documented.Keys.ToDictionary(AssemblyNameOf, p => p, StringComparer.Ordinal);
        foreach (var (project, references) in documented)
        {
            var assembly = Assembly.Load(AssemblyNameOf(project));
            var ours = assembly.GetReferencedAssemblies().Select(r => r.Name!).Where(names.ContainsKey).Select(n => names[n]);
            Assert.All(ours, r => Assert.True(references.Contains(r), $"{project} uses {r}"));
        }
    }

    [Theory]
    [InlineData("L2tpd.Protocol", "System.Net.Sockets", "System.Threading.Thread", "System.Console")]
    [InlineData("L2tpd.Engine", "System.Net.Sockets", "System.Threading.Thread", "System.Console", "System.IO.FileSystem",
        "System.Runtime.InteropServices")]
    [InlineData("L2tpd.Ppp", "System.Net.Sockets", "System.Threading.Thread", "System.Console", "System.IO.FileSystem")]
    [InlineData("L2tpd.Access", "System.Net.Sockets", "System.Threading.Thread", "System.Console", "System.IO.FileSystem")]
    [InlineData("L2tpd.Ipv6", "System.Net.Sockets", "System.Threading.Thread", "System.Console", "System.IO.FileSystem")]
    [InlineData("L2tpd.Ipsec", "System.Net.Sockets", "System.Threading.Thread", "System.Console", "System.IO.FileSystem")]
    [InlineData("L2tpd.Radius", "System.Net.Sockets", "System.Threading.Thread", "System.Console", "System.IO.FileSystem")]
    [InlineData("L2tpd.Import", "System.Net.Sockets", "System.Threading.Thread", "System.Console", "System.IO.FileSystem")]
    public void Sans_IO_assemblies_do_not_refer_to_IO(string project, params string[] forbidden)
    {
        var used = Assembly.Load(project).GetReferencedAssemblies().Select(r => r.Name!);
        Assert.Empty(used.Intersect(forbidden, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("L2tpd.Engine")]
    [InlineData("L2tpd.Ppp")]
    [InlineData("L2tpd.Access")]
    [InlineData("L2tpd.Ipv6")]
    [InlineData("L2tpd.Ipsec")]
    [InlineData("L2tpd.Radius")]
    [InlineData("L2tpd.Import")]
    public void The_banned_symbols_are_checked_in_sans_IO_projects(string project)
    {
        var document = XDocument.Load(ProjectFile(project));
        Assert.Contains(document.Descendants("PackageReference"), p =>
            (string?)p.Attribute("Include") == "Microsoft.CodeAnalysis.BannedApiAnalyzers");
        Assert.Contains(document.Descendants("AdditionalFiles"), a => (string?)a.Attribute("Include") == "../BannedSymbols.txt");
        Assert.DoesNotContain("RS0030", RepositoryFiles.Text(".editorconfig"), StringComparison.Ordinal);
        Assert.DoesNotContain("RS0030", File.ReadAllText(ProjectFile(project)), StringComparison.Ordinal);
        Assert.DoesNotContain(Sources(project), f => File.ReadAllText(f).Contains("RS0030", StringComparison.Ordinal));
        var banned = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "src", "BannedSymbols.txt"));
        foreach (var type in new[] { "System.DateTime", "System.Random", "System.Net.Sockets.Socket", "System.Threading.Thread",
            "System.Threading.Tasks.Task" })
        {
            Assert.Contains(banned, line => line.StartsWith($"T:{type};", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void No_stub_is_left()
    {
        var stubs = Directory.GetDirectories(Path.Combine(RepositoryFiles.Root, "src"), Prefix + "*")
            .SelectMany(d => Sources(Path.GetFileName(d)!))
            .Where(f => Stub().IsMatch(File.ReadAllText(f)))
            .Select(f => Path.GetRelativePath(RepositoryFiles.Root, f));
        Assert.Empty(stubs);
    }

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b")]
    private static partial Regex Stub();

    [GeneratedRegex(@"^\| `src/(L2tpd\.\w+)` \| .* \| ([^|]*) \|\s*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>The table of docs/architecture.md: project to the projects it may refer to.</summary>
    private static Dictionary<string, string[]> Documented()
    {
        var text = RepositoryFiles.Text("docs/architecture.md");
        var rows = Row().Matches(text).Select(m => (Project: m.Groups[1].Value, References: m.Groups[2].Value.Trim())).ToArray();
        Assert.True(rows.Length >= 7, "the table of rings was not found");
        return rows.ToDictionary(
            r => r.Project,
            r => r.References switch
            {
                "nothing" => [],
                "all of these" => rows.TakeWhile(other => other.Project != r.Project).Select(other => other.Project).ToArray(),
                var list => list.Split(", ").Select(name => Prefix + name).ToArray(),
            },
            StringComparer.Ordinal);
    }

    private static IEnumerable<string> ProjectReferences(string project) => XDocument.Load(ProjectFile(project))
        .Descendants("ProjectReference")
        .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));

    private static string AssemblyNameOf(string project) =>
        (string?)XDocument.Load(ProjectFile(project)).Descendants("AssemblyName").FirstOrDefault() ?? project;

    private static string ProjectFile(string project) => Path.Combine(RepositoryFiles.Root, "src", project, project + ".csproj");

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));
}
