using System.Text.RegularExpressions;
using L2tpd.Configuration;
using L2tpd.Configuration.Reference;
using L2tpd.Documents;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>The reference and the man page describe every key of the loader in its section, and no other key.</summary>
public sealed partial class ReferenceTests
{
    private const string Reference = "docs/configuration.md";
    private const string ManPage = "docs/man/l2tpd.yaml.5";

    private static readonly string[] NotSections = ["How values are written", "Secrets"];

    private static readonly string[] Names = [.. ConfigurationSchema.Sections.Select(static section => section.Name), "quirks"];

    public static TheoryData<string> Sections() => [.. Names];

    [Theory]
    [MemberData(nameof(Sections))]
    public void Reference_has_the_keys_of(string section) =>
        Assert.Equal(Known(section), Keys(ReferenceSections()[section], ReferenceKey()));

    [Theory]
    [MemberData(nameof(Sections))]
    public void Man_page_has_the_keys_of(string section) =>
        Assert.Equal(Known(section), Keys(ManSections()[section], ManKey()));

    [Fact]
    public void Neither_has_sections_the_loader_does_not_know()
    {
        var known = Names.Order(StringComparer.Ordinal);
        Assert.Equal(known, ReferenceSections().Keys.Except(NotSections).Order(StringComparer.Ordinal));
        Assert.Equal(known, ManSections().Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Each key has its texts in the code.</summary>
    [Fact]
    public void Every_key_of_the_loader_has_a_reference()
    {
        string[] known = [.. from section in ConfigurationSchema.Sections from key in section.Keys select $"{section.Name}: {key}"];
        string[] told =
            [.. from section in ConfigurationReference.Sections from key in section.Keys select $"{section.Name}: {key.Name}"];
        var (missing, unknown) = (known.Except(told).ToArray(), told.Except(known).ToArray());
        Assert.True(missing.Length == 0, $"no reference of {string.Join(", ", missing)}: add a line to the section in "
            + "src/L2tpd.Configuration/Reference, then run ./run reference");
        Assert.True(unknown.Length == 0, $"the loader does not know {string.Join(", ", unknown)}: remove the line in "
            + "src/L2tpd.Configuration/Reference, then run ./run reference");
        Assert.Equal(told.Length, told.Distinct().Count());
    }

    /// <summary>Each value has a form, and each mapping a section.</summary>
    [Fact]
    public void Every_value_has_a_form()
    {
        var sections = ConfigurationReference.Sections.Select(static section => section.Name).Append("").ToHashSet();
        var wrong = from section in ConfigurationReference.Sections
                    from key in section.Keys
                    where ValueSyntax.Read(key.Value, key.Section) is null || (key.Section is { } name && !sections.Contains(name))
                        || (key.Section is null && key.Value is "mapping" or "mapping of names")
                    select $"{section.Name}: {key.Name}: {key.Value}";
        Assert.True(!wrong.Any(), $"{string.Join("; ", wrong)}: a value is one of: {ValueSyntax.Forms}; a mapping has a Section");
    }

    [Fact]
    public void Generated_documents_are_those_of_the_code()
    {
        var stale = ReferenceFiles.Make(RepositoryFiles.Root)
            .Where(static made => made.Text != RepositoryFiles.Text(made.Path)).Select(static made => made.Path);
        Assert.True(!stale.Any(), $"{string.Join(", ", stale)} does not fit the code: run ./run reference");
    }

    public static TheoryData<string> Examples() =>
        [.. ReferenceExample().Matches(RepositoryFiles.Text(Reference)).Select(static match => match.Groups[1].Value)];

    // Each example is complete, so that it can be copied.
    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_of_the_reference_loads(string text) =>
        Assert.Empty(TemporaryConfiguration.LoadText(text).Errors.Select(static error => error.ToString()));

    [Fact]
    public void Examples_of_the_man_page_load()
    {
        var examples = ManExample().Matches(RepositoryFiles.Text(ManPage));
        Assert.Equal(2, examples.Count);
        Assert.All(examples, static match =>
            TemporaryConfiguration.Good(match.Groups[1].Value.Replace("\\-", "-", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Known(string section) => section == "quirks"
        ? ConfigurationSchema.Quirks.Order(StringComparer.Ordinal)
        : ConfigurationSchema.Sections.Single(candidate => candidate.Name == section).Keys.Order(StringComparer.Ordinal);

    private static IEnumerable<string> Keys(string text, Regex key) =>
        key.Matches(text).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal);

    private static Dictionary<string, string> ReferenceSections() => Split(RepositoryFiles.Text(Reference), "## ");

    private static Dictionary<string, string> ManSections() => Split(RepositoryFiles.Text(ManPage), ".Ss ");

    private static Dictionary<string, string> Split(string text, string heading) => ("\n" + text)
        .Split("\n" + heading).Skip(1)
        .Select(static part => part.Split('\n', 2))
        .ToDictionary(static part => part[0], static part => part[1]);

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex ReferenceKey();

    [GeneratedRegex(@"^\.It Cm ([a-z0-9-]+)$", RegexOptions.Multiline)]
    private static partial Regex ManKey();

    [GeneratedRegex(@"^```yaml\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ReferenceExample();

    [GeneratedRegex(@"^\.Bd -literal -offset indent\n(.*?)^\.Ed$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ManExample();
}
