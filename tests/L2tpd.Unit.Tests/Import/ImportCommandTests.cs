using L2tpd.Cli;
using L2tpd.Unit.Tests.Cli;
using L2tpd.Unit.Tests.Configuration;

namespace L2tpd.Unit.Tests.Import;

/// <summary><c>l2tpctl import</c>: which files it reads and writes.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private readonly TemporaryConfiguration _files = new();

    public ImportCommandTests()
    {
        _files.Write("etc/xl2tpd/xl2tpd.conf",
            "[global]\nauth file = /etc/xl2tpd/l2tp-secrets\n[lac up]\nlns = 192.0.2.1\nname = alice\npppoptfile = /etc/ppp/options\n");
        _files.Write("etc/xl2tpd/l2tp-secrets", "* * sesame\n");
        _files.Write("etc/ppp/options", "mtu 1410\n");
        _files.Write("etc/ppp/chap-secrets", "alice * wonderland *\n");
    }

    private string Main => Path.Combine(_files.Directory, "etc/xl2tpd/xl2tpd.conf");

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Files_of_another_machine_are_read_below_the_root()
    {
        var run = await CliRun.Bare("import", "xl2tpd", Main, "--root", _files.Directory);
        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Contains("password: wonderland", run.Out, StringComparison.Ordinal);
        Assert.Contains("secret: sesame", run.Out, StringComparison.Ordinal);
        Assert.Contains("mtu: 1410", run.Out, StringComparison.Ordinal);
        Assert.Equal("l2tpctl: everything was carried over; secrets in the output: 2\n", run.Error);
        var result = TemporaryConfiguration.LoadText(run.Out);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task A_terminal_shows_no_secret()
    {
        var run = await CliRun.Terminal("unused", 80, false, "import", "xl2tpd", Main, "--root", _files.Directory);
        Assert.DoesNotContain("wonderland", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", run.Out, StringComparison.Ordinal);
        Assert.Contains("secrets that are not shown on a terminal: 2", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_go_to_files_of_their_own_and_the_YAML_to_a_new_file()
    {
        var (secrets, output) = (Path.Combine(_files.Directory, "secrets"), Path.Combine(_files.Directory, "new.yaml"));
        string[] arguments = ["import", "xl2tpd", Main, "--root", _files.Directory, "--secrets-directory", secrets, "--output"];
        var run = await CliRun.Bare([.. arguments, output]);
        Assert.Equal((ExitCodes.Ok, ""), (run.ExitCode, run.Out));
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal("wonderland\n", await File.ReadAllTextAsync(Path.Combine(secrets, "up.password"), cancellation));
        Assert.Equal("sesame\n", await File.ReadAllTextAsync(Path.Combine(secrets, "up.secret"), cancellation));
        if (OperatingSystem.IsLinux())
        {
            const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(owner, File.GetUnixFileMode(output));
            Assert.Equal(owner, File.GetUnixFileMode(Path.Combine(secrets, "up.secret")));
        }

        _files.Write(TemporaryConfiguration.Main, await File.ReadAllTextAsync(output, cancellation));
        Assert.Empty(_files.Load().Errors);

        // The same secrets again are no error, but no file is replaced.
        run = await CliRun.Bare([.. arguments, output]);
        Assert.Equal(ExitCodes.Refused, run.ExitCode);
        Assert.Contains("new.yaml", run.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(secrets, "up.secret"), "other", cancellation);
        run = await CliRun.Bare([.. arguments, output + "2"]);
        Assert.Equal(ExitCodes.Refused, run.ExitCode);
        Assert.Contains("exists with another content", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no such file", ExitCodes.Refused, "xl2tpd", "/no/such/file")]
    [InlineData("is not auto, pppd or built-in", ExitCodes.Usage, "xl2tpd", "/no/such/file", "--ppp", "mpd")]
    [InlineData("did you mean", ExitCodes.Usage, "xl2tp", "/no/such/file")]
    public async Task Says_what_is_wrong(string message, int code, params string[] arguments)
    {
        var run = await CliRun.Bare(["import", .. arguments]);
        Assert.Equal((code, ""), (run.ExitCode, run.Out));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }
}
