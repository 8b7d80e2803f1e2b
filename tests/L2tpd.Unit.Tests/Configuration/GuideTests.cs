using System.Text.RegularExpressions;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>The guides of docs: their YAML loads, the messages they quote are those of the source, the scenarios they name exist.</summary>
public sealed partial class GuideTests
{
    private static readonly string[] Guides =
    [
        "start-client.md", "start-concentrator.md", "start-isp.md", "start-site-to-site.md", "coming-from.md", "operations.md",
        "troubleshooting.md", "interop.md", "vpn-concentrator.md",
    ];

    // Beginnings of source lines that continue a text.
    private static readonly Lazy<string> Source = new(static () => Joined().Replace(string.Concat(
        Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText)), ""));

    public static TheoryData<string, int> Blocks()
    {
        var blocks = new TheoryData<string, int>();
        foreach (var guide in Guides)
        {
            for (var i = 0; i < Yaml().Count(RepositoryFiles.Text($"docs/{guide}")); i++)
                blocks.Add(guide, i);
        }

        return blocks;
    }

    // Each block is a whole file, so that it can be copied.
    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_block_of_a_guide_loads(string guide, int number)
    {
        var text = Yaml().Matches(RepositoryFiles.Text($"docs/{guide}"))[number].Groups[1].Value;
        TemporaryConfiguration.Good(text);
    }

    [Fact]
    public void Each_start_has_a_file_to_begin_with() => Assert.All(Guides.Where(static guide => guide.StartsWith("start-")),
        static guide => Assert.Contains(Blocks(), block => block.Data.Item1 == guide));

    [Fact]
    public void Messages_that_troubleshooting_quotes_are_in_the_source()
    {
        var messages = Message().Matches(RepositoryFiles.Text("docs/troubleshooting.md")).Select(static match => match.Groups[1].Value)
            .ToArray();
        Assert.True(messages.Length > 20, $"only {messages.Length} messages were found");
        var pieces = from message in messages
                     from piece in message.Split("...")
                     where piece.Trim(' ', ':', '(', ')', '.').Length > 3
                     select (message, piece: piece.Trim());
        Assert.DoesNotContain(pieces, static one => !Source.Value.Contains(one.piece, StringComparison.Ordinal));
    }

    [Fact]
    public void Scenarios_that_interoperation_names_exist()
    {
        var scenarios = Scenario().Matches(RepositoryFiles.Text("docs/interop.md")).Select(static match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(scenarios);
        Assert.All(scenarios, static name =>
            Assert.True(File.Exists(Path.Combine(RepositoryFiles.Root, "tests/kernel/scenarios", name + ".sh")), name));
    }

    [GeneratedRegex(@"^```yaml\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Yaml();

    [GeneratedRegex(@"^\| `([^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Message();

    [GeneratedRegex(@"`(\d\d-[a-z0-9-]+)`")]
    private static partial Regex Scenario();

    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"")]
    private static partial Regex Joined();
}
