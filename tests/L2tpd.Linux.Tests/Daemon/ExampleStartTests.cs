using System.Text.RegularExpressions;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Every example, and every complete file of the README, starts unchanged on the kernel that runs this test: with or without the kernel's
/// L2TP and pppd.
/// </summary>
public sealed class ExampleStartTests
{
    public static TheoryData<string> Examples() =>
        [.. Directory.GetFiles($"{RepositoryFiles.Root}/config/examples", "*.yaml").Select(static file => Path.GetFileName(file))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_starts(string name) => AssertStarts(RepositoryFiles.Text("config/examples/" + name));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_file_of_the_README_starts(int number) => AssertStarts(Regex.Matches(
        RepositoryFiles.Text("README.md"), "^```yaml\n(.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline)[number].Groups[1].Value);

    private static void AssertStarts(string yaml)
    {
        using var link = new NamespacePair();
        NamespacePair.Run($"ip -n {link.First} addr add 2001:db8::1/128 dev lo; ip -n {link.First} addr add 2001:db8:2::1/128 dev lo");
        // The sockets of the test are in its own directory, and it looks for the line that says "Ready".
        var own = Regex.Replace(yaml, "^(control|state-file|log):.*\n((?: .*\n)*)", "", RegexOptions.Multiline);
        using var daemon = DaemonProcess.Start(own, networkNamespace: link.First);
        Assert.DoesNotContain(daemon.Lines, static line => line.Contains(" ERR ", StringComparison.Ordinal)
            || line.Contains(" FTL ", StringComparison.Ordinal));
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
    }
}
