using System.CommandLine;
using System.Text.RegularExpressions;
using L2tpd.Cli;
using L2tpd.Control;
using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Cli;

public sealed class ManualPageTests
{
    private static readonly string Page = Plain(RepositoryFiles.Text("docs/man/l2tpctl.1"));

    [Fact]
    public void Names_every_command_with_its_arguments_and_options()
    {
        var commands = Leaves(CommandLine.Build(new Screen(TextWriter.Null, TextWriter.Null, false, 80, false)), []).ToList();
        Assert.True(commands.Count >= 21, $"only {commands.Count} commands were found");
        foreach (var (path, command) in commands)
        {
            Assert.Contains(string.Join(' ', path), Page);
            foreach (var argument in command.Arguments)
                Assert.Matches($@"{Regex.Escape(string.Join(' ', path))}( \w+)* \[?{argument.Name}", Page);
            foreach (var option in command.Options)
                Assert.Contains(option.ValueType == typeof(bool) ? option.Name : $"{option.Name} {option.HelpName}", Page);
        }
    }

    [Fact]
    public void Names_every_global_option_exit_code_and_the_socket()
    {
        foreach (var option in CommandLine.Build(new Screen(TextWriter.Null, TextWriter.Null, false, 80, false)).Options)
            Assert.Contains(option.HelpName is null ? option.Name : $"{option.Name} {option.HelpName}", Page);
        foreach (var code in new[] { ExitCodes.Ok, ExitCodes.Refused, ExitCodes.Usage, ExitCodes.Unreachable, ExitCodes.OutputLost })
            Assert.Matches($@"(?m)^\.B {code}$", Page);
        Assert.Contains(ControlRoutes.DefaultSocketPath, Page);
    }

    private static IEnumerable<(string[] Path, Command Command)> Leaves(Command command, string[] path) =>
        command.Subcommands.Count == 0 ? [(path, command)] : command.Subcommands.SelectMany(c => Leaves(c, [.. path, c.Name]));

    // Font changes out of the text, "\-" to "-".
    private static string Plain(string roff) => Regex.Replace(roff, @"\\f[BIRP]", "").Replace(@"\-", "-", StringComparison.Ordinal);
}
