using System.Text.RegularExpressions;
using L2tpd.Documents.Site;

namespace L2tpd.Unit.Tests.Site;

/// <summary>The documents as a site: every link of every page leads to a file and an anchor that exist.</summary>
public sealed partial class SiteTests
{
    [Fact]
    public void No_link_of_the_site_is_broken()
    {
        var directory = Directory.CreateTempSubdirectory("l2tpd-site-").FullName;
        try
        {
            var pages = SiteFiles.Write(RepositoryFiles.Root, directory);
            Assert.True(pages > 20, $"only {pages} pages");
            Assert.Empty(Directory.GetFiles(directory, "*.html", SearchOption.AllDirectories)
                .SelectMany(page => Broken(page).Select(link => $"{Path.GetRelativePath(directory, page)}: {link}")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IEnumerable<string> Broken(string page)
    {
        foreach (var link in Link().Matches(File.ReadAllText(page)).Select(static match => match.Groups[1].Value))
        {
            if (link.Contains(':', StringComparison.Ordinal))
                continue;
            var parts = link.Split('#', 2);
            var target = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
            if (!File.Exists(target))
                yield return link;
            else if (parts.Length > 1 && !File.ReadAllText(target).Contains($"id=\"{parts[1]}\"", StringComparison.Ordinal))
                yield return link;
        }
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Link();
}
