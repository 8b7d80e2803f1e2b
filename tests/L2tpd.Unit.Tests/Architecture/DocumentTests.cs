using System.Globalization;
using System.Text.RegularExpressions;
using L2tpd.Unit.Tests.Configuration;

namespace L2tpd.Unit.Tests.Architecture;

/// <summary>Links in the documents have a target, and the decisions of docs/adr have one form and are in its index.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Decisions = Path.Combine(RepositoryFiles.Root, "docs", "adr");

    [Fact]
    public void Links_of_the_documents_lead_to_files_and_headings_that_exist()
    {
        var documents = Documents().ToArray();
        Assert.True(documents.Length > 30, $"only {documents.Length} documents were found");

        Assert.Empty(documents.SelectMany(DeadLinks));
    }

    [Fact]
    public void Every_decision_has_the_one_form_and_is_in_the_index()
    {
        var index = File.ReadAllText(Path.Combine(Decisions, "README.md"));
        var files = DecisionFiles();
        Assert.Equal(files.Length, files.Select(NumberOf).Distinct().Count());

        Assert.All(files, file =>
        {
            var text = File.ReadAllText(file);
            Assert.StartsWith($"# {NumberOf(file)}. ", text, StringComparison.Ordinal);
            Assert.Equal(["Context", "Choice", "Alternatives", "Consequences"], SecondHeading().Matches(text)
                .Select(static match => match.Groups[1].Value));
            Assert.Contains($"({Path.GetFileName(file)})", index, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Decisions_that_documents_cite_exist()
    {
        var numbers = DecisionFiles().Select(NumberOf).ToArray();
        var cited = Documents().Where(static file => Path.GetFileName(file) != "CHANGELOG.md")
            .SelectMany(static file => Citation().Matches(File.ReadAllText(file))
                .Select(match => (File: file, Number: Number(match.Groups[1].Value))))
            .ToArray();

        Assert.NotEmpty(cited);
        Assert.All(cited, citation => Assert.Contains(citation.Number, numbers));
    }

    private static IEnumerable<string> Documents() => new[] { "docs", ".github" }
        .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, folder), "*.md",
            SearchOption.AllDirectories))
        .Concat(Directory.EnumerateFiles(RepositoryFiles.Root, "*.md"));

    private static string[] DecisionFiles() => [.. Directory.GetFiles(Decisions, "0*.md").Order(StringComparer.Ordinal)];

    private static int NumberOf(string file) => Number(Path.GetFileName(file)[..4]);

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static IEnumerable<string> DeadLinks(string file)
    {
        foreach (Match link in Link().Matches(Fence().Replace(File.ReadAllText(file), "")))
        {
            var target = link.Groups[1].Value;
            if (target.Contains(':', StringComparison.Ordinal))
                continue;
            var parts = target.Split('#');
            var path = parts[0].Length == 0 ? file : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, parts[0]));
            if (!Path.Exists(path))
                yield return $"{Path.GetRelativePath(RepositoryFiles.Root, file)}: {target} does not exist";
            else if (parts.Length > 1 && !Anchors(path).Contains(parts[1]))
                yield return $"{Path.GetRelativePath(RepositoryFiles.Root, file)}: {target} is no heading there";
        }
    }

    /// <summary>
    /// The anchors that GitHub makes of headings: lower-case letters, hyphens for blanks, and only letters, digits, hyphens and
    /// underscores.
    /// </summary>
    private static HashSet<string> Anchors(string path) => Heading().Matches(File.ReadAllText(path))
        .Select(static match => NotInAnchors().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))
        .ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^## (.*)$", RegexOptions.Multiline)]
    private static partial Regex SecondHeading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"\bADR ([0-9]+)\b")]
    private static partial Regex Citation();
}
