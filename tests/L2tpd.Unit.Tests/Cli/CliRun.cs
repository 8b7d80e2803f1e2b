using L2tpd.Cli;

namespace L2tpd.Unit.Tests.Cli;

/// <summary>One run of l2tpctl in this process.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    public static async Task<CliRun> Piped(string socket, params string[] args) =>
        await Run(["--socket", socket, .. args], false, int.MaxValue, false);

    public static async Task<CliRun> Terminal(string socket, int width, bool colour, params string[] args) =>
        await Run(["--socket", socket, .. args], true, width, colour);

    public static async Task<CliRun> Bare(params string[] args) => await Run(args, false, int.MaxValue, false);

    private static async Task<CliRun> Run(string[] args, bool terminal, int width, bool colour)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(args, new Screen(output, error, terminal, width, colour));
        return new CliRun(code, output.ToString(), error.ToString());
    }
}
