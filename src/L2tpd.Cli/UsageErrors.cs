using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>Errors of a command line in words.</summary>
internal static class UsageErrors
{
    /// <summary>One line per error; the first unmatched word with a suggestion.</summary>
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is [var token, ..])
            return [Unmatched(token, command)];
        return command.Subcommands.Count > 0 && command.Action is null
            ? [Missing(command)]
            : parsed.Errors.Select(static error => error.Message.TrimEnd('.')).Distinct();
    }

    private static string Missing(Command command)
    {
        var place = command is RootCommand ? "" : $" after \"{command.Name}\"";
        return $"a command is missing{place}: {string.Join(", ", command.Subcommands.Select(static one => one.Name))}";
    }

    private static string Unmatched(string token, Command command)
    {
        if (token.StartsWith('-'))
        {
            var options = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(static parent => parent.Options));
            return $"unknown option \"{token}\"{Suggest(token, options.Select(static option => option.Name))}";
        }

        if (command.Subcommands.Count == 0)
            return $"\"{token}\" is one argument too many";
        var known = command.Subcommands.Select(static one => one.Name).ToArray();
        var suggestion = Suggest(token, known);
        return $"unknown command \"{token}\"{(suggestion.Length > 0 ? suggestion : $"; there are {string.Join(", ", known)}")}";
    }

    private static string Suggest(string typed, IEnumerable<string> known) =>
        NearestWords.Of(typed, known, completes: true) is [var best, ..] ? $"; did you mean \"{best}\"?" : "";
}
