using L2tpd.Configuration;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>Secrets come from three places and are never shown.</summary>
public sealed class SecretTests
{
    private const string Word = "hunter2";

    [Fact]
    public void Prints_as_stars()
    {
        var secret = new Secret(Word);
        Assert.Equal("***", secret.ToString());
        Assert.Equal("***", $"{secret}");
        Assert.Equal(Word, secret.RevealText());
    }

    [Fact]
    public void Is_not_changed_by_who_reveals_it()
    {
        var secret = new Secret(Word);
        secret.Reveal()[0] = 0;
        Assert.Equal(Word, secret.RevealText());
    }

    [Fact]
    public void Is_not_in_the_text_of_the_configuration()
    {
        var configuration = TemporaryConfiguration.Good($$"""
            tunnels:
              t:
                lns: a
                secret: {{Word}}
                sessions: { s: { ppp: { user: u, password: {{Word}} } } }
            """);
        Assert.Equal(Word, configuration.PppProfiles["tunnels.t.sessions.s.ppp"].Password!.RevealText());
        Assert.DoesNotContain(Word, Everything(configuration), StringComparison.Ordinal);
    }

    public static TheoryData<string> Wrong() =>
    [
        $"tunnels: {{ t: {{ lns: a, secret: [{Word}] }} }}",
        $"tunnels: {{ t: {{ lns: a, secret: {{ {Word}: 1 }} }} }}".Replace($"{Word}: 1", $"x: {Word}", StringComparison.Ordinal),
        $"tunnels: {{ t: {{ lns: a, secret: *{Word} }} }}",
        $"tunnels: {{ t: {{ lns: a, secret: \"{Word}\\n\" }} }}",
        $"tunnels: {{ t: {{ lns: a, secret: \"{Word}\\q\" }} }}",
        $"tunnels: {{ t: {{ lns: a, secret: {new string('x', 2000)}{Word} }} }}",
        $"tunnels: {{ t: {{ lns: a, sekret: {Word} }} }}",
        $"tunnels: {{ t: {{ lns: a, secret: {Word}, secret: {Word} }} }}",
        $"tunnels: {{ t: {{ lns: a, secret: {Word}, secret-file: nowhere }} }}",
        $"tunnels: {{ t: {{ lns: a, sessions: {{ s: {{ ppp: {{ password: {Word} }} }} }} }} }}",
        $"tunnels: {{ t: {{ lns: a, sessions: {{ s: {{ ppp: {{ options: password {Word} }} }} }} }} }}",
        $"tunnels:\n  t:\n    lns: a\n    secret: \"{Word}\n",
        $"tunnels:\n  t:\n    lns: a\n    secret: @{Word}\n",
        $"tunnels:\n  t:\n    lns: a\n    secret: !{Word}\n    secret: %{Word}\n",
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Is_in_no_error(string text)
    {
        var result = TemporaryConfiguration.LoadText(text);
        Assert.NotEmpty(result.Errors);
        Assert.All(result.Errors, static error => Assert.DoesNotContain(Word, error.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void File_that_all_may_read_is_doubted()
    {
        using var files = new TemporaryConfiguration("data-plane: 'null'\nlisten: 0.0.0.0\npeers: { p: { secret-file: s } }");
        files.Write("s", Word);
        Assert.Empty(files.Load().Warnings);
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(Path.Combine(files.Directory, "s"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        // Nobody else can enter the directory.
        Assert.Empty(files.Load().Warnings);
        files.LetAllEnter(true);
        Assert.Equal(
            ["l2tpd.yaml:3:15: peers.p.secret-file: every user of the machine can read s"],
            files.Lines(files.Load().Warnings.Select(warning =>
                warning with { Message = warning.Message.Replace(files.Directory + "/", "", StringComparison.Ordinal) })));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\r\n", "is empty")]
    public void Empty_file_is_refused(string content, string problem)
    {
        using var files = new TemporaryConfiguration("data-plane: 'null'\nlisten: 0.0.0.0\npeers: { p: { secret-file: s } }");
        files.Write("s", content);
        Assert.EndsWith(problem, Assert.Single(files.Load().Errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../s")]
    [InlineData("..")]
    public void Credential_stays_in_its_directory(string name)
    {
        using var files = new TemporaryConfiguration(
            $"data-plane: 'null'\nlisten: 0.0.0.0\npeers: {{ p: {{ secret-credential: {name} }} }}");
        files.CredentialsDirectory = files.Directory;
        Assert.Equal($"`{name}` is not the name of a credential", Assert.Single(files.Load().Errors).Message);
    }

    private static string Everything(DaemonConfiguration configuration) => string.Join(
        '\n',
        [
            configuration.ToString(), .. configuration.PppProfiles.Values.Select(static profile => profile.ToString()),
            .. configuration.Engine.Tunnels.SelectMany(static tunnel => (string[])[tunnel.ToString(), tunnel.Peer.ToString()]),
        ]);
}
