using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>session change NAME KEY=VALUE...</c></summary>
internal static class ChangeCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="withClient">Runs work with a client of the daemon.</param>
    /// <param name="screen">Where it prints.</param>
    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var which = new Argument<string>("NAME") { Description = "Its name as shown by the lists, or its id." };
        var what = new Argument<string[]>("CHANGE")
        {
            Description = $"KEY=VALUE with {string.Join(", ", ControlRoutes.ChangeKeys)}; all of them or none.",
            Arity = ArgumentArity.OneOrMore,
        };
        what.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens)
            {
                if (Problem(token.Value) is { } problem)
                    result.AddError(problem);
            }
        });
        var command = new Command("change", "Change what a session of built-in PPP may have, while it is up.") { which, what };
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            var changes = parsed.GetRequiredValue(what).Select(static word => word.Split('=', 2));
            var changed = await client.ChangeSessionAsync(
                parsed.GetRequiredValue(which), changes.Select(static pair => KeyValuePair.Create(pair[0], pair[1])), cancellation);
            if (json)
                new Details(client, screen, json).Print(changed, ControlJson.Default.ChangedView);
            else
                await screen.Out.WriteAsync(Text(changed));
        }));
        return command;
    }

    private static string Text(ChangedView changed) =>
        $"changed session {DisplayText.Clean(changed.Name)} ({changed.Id}): "
        + $"{string.Join(", ", changed.Changes.Select(DisplayText.Clean))}\n";

    private static string? Problem(string word)
    {
        var key = word.Split('=', 2)[0];
        if (ControlRoutes.ChangeKeys.Contains(key))
            return word.Length > key.Length ? null : $"\"{word}\" has no value: write {key}=VALUE";
        return NearestWords.Of(key, ControlRoutes.ChangeKeys, completes: true) is [var near, ..]
            ? $"\"{key}\" cannot be changed; did you mean \"{near}\"?"
            : $"\"{key}\" cannot be changed; there are {string.Join(", ", ControlRoutes.ChangeKeys)}";
    }
}
