using System.CommandLine;
using L2tpd.Configuration;
using L2tpd.Control;

namespace L2tpd.Daemon.Hosting;

/// <summary>The command line: <c>--config FILE</c> runs the daemon, <c>--check FILE</c> only reads the file.</summary>
public static class CommandLine
{
    /// <summary>Parses the command line and runs it.</summary>
    /// <returns>The exit code: 0, or 1 if the operator must act.</returns>
    public static Task<int> RunAsync(string[] arguments)
    {
        var config = new Option<string?>("--config", "-c") { HelpName = "FILE",
            Description = "Run in the foreground with this configuration until SIGTERM." };
        var check = new Option<string?>("--check") { HelpName = "FILE",
            Description = "Read this configuration, print every error, and exit." };
        var level = new Option<LogLevelChoice?>("--log-level") { HelpName = "LEVEL",
            Description = "Log level, instead of the configured one: trace, debug, information, warning, error." };
        // The message of the library would contain the name of the value's type.
        level.CustomParser = static result =>
        {
            if (Enum.TryParse<LogLevelChoice>(result.Tokens[0].Value, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed)
                && !char.IsAsciiDigit(result.Tokens[0].Value[0]))
            {
                return parsed;
            }

            result.AddError($"--log-level: \"{result.Tokens[0].Value}\" is not one of trace, debug, information, warning, error");
            return null;
        };
        var instance = InstanceOption();
        var root = new RootCommand("L2TP daemon: LAC and LNS.") { config, check, level, instance };
        root.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(check) is { } toCheck)
                return ConfigurationCheck.Run(toCheck, parsed.GetValue(instance), Console.Out, Console.Error);
            if (parsed.GetValue(config) is { } toRun)
                return await DaemonHost.RunAsync(toRun, parsed.GetValue(instance), parsed.GetValue(level)).ConfigureAwait(false);
            await Console.Error.WriteLineAsync("l2tpd: --config FILE or --check FILE is required; see --help")
                .ConfigureAwait(false);
            return 1;
        });
        return root.Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static Option<string?> InstanceOption() => new("--instance")
    {
        HelpName = "NAME",
        Description = "The name of this daemon among several on the machine: paths of its socket and its state contain it.",
        CustomParser = static result =>
        {
            if (Instance.IsName(result.Tokens[0].Value))
                return result.Tokens[0].Value;
            result.AddError(Instance.Refusal(result.Tokens[0].Value));
            return null;
        },
    };
}
