using System.Diagnostics;
using L2tpd.Configuration;
using L2tpd.Daemon.Hosting;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>
/// The files of Broken/, each with a mistake that a new user may make, and the lines that <c>--check</c> prints for it in
/// Broken/expected.txt: the file in brackets, then the lines; <c>(warning)</c> marks those that do not stop the daemon.
/// </summary>
public sealed class BrokenFileTests
{
    private const string Folder = "tests/L2tpd.Unit.Tests/Configuration/Broken";
    private const int Million = 1_000_000;
    private const int LongestLine = 600;

    private static readonly Dictionary<string, string[]> Expected = Read(RepositoryFiles.Text(Folder + "/expected.txt"));

    public static TheoryData<string> Files() => [.. Names()];

    private static IEnumerable<string> Names() => Directory
        .GetFiles(Path.Combine(RepositoryFiles.Root, Folder), "*.yaml")
        .Select(static file => Path.GetFileNameWithoutExtension(file))
        .Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Files))]
    public void Gets_the_lines_that_are_expected(string name)
    {
        using var files = new TemporaryConfiguration(RepositoryFiles.Text($"{Folder}/{name}.yaml")
            .Replace("@@MILLION@@", new string('x', Million), StringComparison.Ordinal)
            .Replace("@@DIGITS@@", new string('9', Million), StringComparison.Ordinal));
        var clock = Stopwatch.StartNew();
        var result = files.Load(new LoadEnvironment("machine", null) { IsCheck = true, HasGroup = static group => group == "l2tpd" });
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        string[] lines =
        [
            .. files.Lines(result.Warnings).Select(static line => line + " (warning)"),
            .. files.Lines(result.Errors),
            .. result.Configuration is { } configuration && ConfigurationCheck.Objection(configuration) is { } objection
                ? [$"{TemporaryConfiguration.Main}: {objection} (warning)"] : Array.Empty<string>(),
        ];
        Assert.Equal(Expected.GetValueOrDefault(name) ?? ["(not in expected.txt)"], lines);
        Assert.All(lines, static line => Assert.InRange(line.Length, 1, LongestLine));
        Assert.Equal(result.Errors.IsEmpty, result.Configuration is not null);
    }

    [Fact]
    public void There_are_as_many_as_were_tried_and_none_is_expected_that_is_not_there()
    {
        Assert.InRange(Names().Count(), 57, int.MaxValue);
        Assert.Equal(Names().Order(StringComparer.Ordinal), Expected.Keys.Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, string[]> Read(string text) => text.Split("\n[", StringSplitOptions.RemoveEmptyEntries)
        .Select(static part => part.TrimStart('[').Split('\n', StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(static lines => lines[0].TrimEnd(']'), static lines => lines[1..]);
}
