using System.Text.RegularExpressions;
using L2tpd.Configuration;
using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Daemon.Hosting;

/// <summary>docs/man/l2tpd.8 names the options and files of the program, and no manual page names one that does not exist.</summary>
public sealed class ManualPageTests
{
    private static readonly string Directory = Path.Combine(RepositoryFiles.Root, "docs", "man");

    private static readonly string Page = File.ReadAllText(Path.Combine(Directory, "l2tpd.8"))
        .Replace(@"\-", "-", StringComparison.Ordinal);

    [Fact]
    public void Names_every_data_plane()
    {
        var section = Section("DATA PLANES");
        foreach (var word in Enum.GetNames<DataPlaneChoice>())
            Assert.Matches($@"(?m)^\.B {word.ToLowerInvariant()}$", section);
    }

    [Fact]
    public void Names_every_key_of_the_hooks()
    {
        var section = Section("HOOKS");
        foreach (var key in ConfigurationSchema.Sections.Single(static schema => schema.Name == "hooks").Keys)
            Assert.Matches($@"\b{key}\b", section);
    }

    [Fact]
    public void Names_both_versions_and_both_kinds_of_PPP()
    {
        foreach (var word in (string[])["L2TPv2", "L2TPv3", "pppd", "built-in", "RFC 2661", "RFC 3931"])
            Assert.Contains(word, Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_of_ours_refer_to_pages_that_are_there()
    {
        var references = System.IO.Directory.GetFiles(Directory).SelectMany(static page => Regex
            .Matches(File.ReadAllText(page), @"(l2tp(?:d|ctl)(?:\.yaml)?) \(?(\d)\b(?!\.\d)")
            .Select(match => $"{match.Groups[1].Value}.{match.Groups[2].Value}")).Distinct().ToArray();
        Assert.Superset(new HashSet<string> { "l2tpctl.1", "l2tpd.8", "l2tpd.yaml.5" }, references.ToHashSet());
        foreach (var reference in references)
            Assert.True(File.Exists(Path.Combine(Directory, reference)), $"there is no page {reference}");
    }

    private static string Section(string title) => Page.Split($"\n.SH {title}\n")[1].Split("\n.SH ")[0];
}
