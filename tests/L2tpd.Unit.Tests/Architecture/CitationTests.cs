using System.Text.RegularExpressions;
using L2tpd.Unit.Tests.Configuration;

namespace L2tpd.Unit.Tests.Architecture;

/// <summary>Checks that each protocol note and section that a comment cites exists in docs/protocol.</summary>
public sealed partial class CitationTests
{
    [Fact]
    public void Every_cited_section_of_the_protocol_notes_exists()
    {
        var root = RepositoryFiles.Root;
        var notes = Directory.GetFiles(Path.Combine(root, "docs", "protocol"), "*.md")
            .ToDictionary(f => Path.GetFileName(f), f => SectionsOf(File.ReadAllText(f)), StringComparer.Ordinal);
        var wrong = new List<string>();
        var cited = 0;
        foreach (var file in Sources(root))
        {
            foreach (Match citation in Citation().Matches(File.ReadAllText(file)))
            {
                cited++;
                var name = citation.Groups[1].Value + ".md";
                var sections = Number().Matches(citation.Groups[2].Value).Select(m => m.Value);
                if (!notes.TryGetValue(name, out var known))
                {
                    wrong.Add($"{Path.GetRelativePath(root, file)}: {name}");
                }
                else
                {
                    wrong.AddRange(sections.Where(s => !known.Contains(s))
                        .Select(s => $"{Path.GetRelativePath(root, file)}: {name} section {s}"));
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(cited > 30, $"only {cited} citations were found");
    }

    private static HashSet<string> SectionsOf(string text) =>
        Heading().Matches(text).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Sources(string root) =>
        new[] { "src", "tests", "bench" }.SelectMany(d =>
            Directory.EnumerateFiles(Path.Combine(root, d), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)
                && Path.GetFileName(f) != "CitationTests.cs");

    [GeneratedRegex(@"\b(l2tpv2|l2tpv3|kernel|ppp-radius)\.md((?: sections? [0-9.]+(?:(?:, | and |, and )[0-9][0-9.]*)*)?)")]
    private static partial Regex Citation();

    [GeneratedRegex(@"[0-9]+(?:\.[0-9]+)*")]
    private static partial Regex Number();

    [GeneratedRegex(@"^##+ ([0-9]+(?:\.[0-9]+)*)\.? ", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
