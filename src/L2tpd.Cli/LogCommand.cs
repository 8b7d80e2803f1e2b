using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>log LEVEL [NAME]</c>: another level of the log for a while.</summary>
internal static class LogCommand
{
    private static readonly Argument<string> Level = new("LEVEL")
    {
        Description = $"One of {string.Join(", ", ControlRoutes.LogLevels)}.",
    };

    private static readonly Option<TimeSpan?> For = DurationOption.Make(
        "--for", "How long; 10m by default.", TimeSpan.FromHours(24));

    static LogCommand()
    {
        Level.CompletionSources.Add([.. ControlRoutes.LogLevels]);
        Level.Validators.Add(static result =>
        {
            if (!ControlRoutes.LogLevels.Contains(result.Tokens[0].Value))
                result.AddError($"\"{result.Tokens[0].Value}\" is not one of {string.Join(", ", ControlRoutes.LogLevels)}");
        });
    }

    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "Only for lines that name this peer, tunnel, session or user.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("log", "Set the level of the log for a while.") { Level, name, For };
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            var view = await client.SetLogLevelAsync(
                parsed.GetRequiredValue(Level), parsed.GetValue(name), parsed.GetValue(For), cancellation);
            if (json)
                new Details(client, screen, json).Print(view, ControlJson.Default.LogLevelView);
            else
                await screen.Out.WriteAsync(Text(view));
        }));
        return command;
    }

    private static string Text(LogLevelView view) => view.Until is { } until
        ? $"log level {view.Level} for {(view.Name is null ? "all" : DisplayText.Clean(view.Name))} until {DisplayText.Time(until)}, then "
            + $"{view.Configured}\n"
        : $"log level {view.Level}, as configured\n";
}
