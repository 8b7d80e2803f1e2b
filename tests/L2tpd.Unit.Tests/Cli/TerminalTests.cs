using System.Diagnostics;
using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Cli;

/// <summary>Both programs on a terminal of script(1): no modes are changed, and there are no escape sequences if NO_COLOR is set.</summary>
public sealed class TerminalTests
{
    private const char Escape = '\u001b';

    [Theory]
    [InlineData("l2tpctl", "show", false)]
    [InlineData("l2tpctl", "show", true)]
    [InlineData("l2tpctl", "--socket /nowhere show status", false)]
    [InlineData("l2tpctl", "--help", true)]
    [InlineData("l2tpd", "--check FILE", false)]
    [InlineData("l2tpd", "--check FILE", true)]
    [InlineData("l2tpd", "--help", true)]
    public void No_modes_are_set(string program, string arguments, bool noColour)
    {
        var file = Path.Combine(RepositoryFiles.Root, "config/examples/null-lns.yaml");
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var assembly = Path.Combine(AppContext.BaseDirectory, program);
        var command = $"'{host}' '{assembly}.dll' {arguments.Replace("FILE", file, StringComparison.Ordinal)}";
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        if (noColour)
            start.Environment["NO_COLOR"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.NotEqual("", output);
        Assert.DoesNotContain($"{Escape}[?1h", output, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Escape}=", output, StringComparison.Ordinal);
        if (noColour)
            Assert.DoesNotContain(Escape, output);
    }

    [Fact]
    public void A_log_level_that_is_none_is_told_without_the_name_of_a_type()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "l2tpd.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "--log-level", "loud", "--check", "x"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.StartsWith("--log-level: \"loud\" is not one of trace, debug, information, warning, error", error, StringComparison.Ordinal);
        Assert.DoesNotContain("L2tpd.", error, StringComparison.Ordinal);
        Assert.Equal(1, process.ExitCode);
    }
}
