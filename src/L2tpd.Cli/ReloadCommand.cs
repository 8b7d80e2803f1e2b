using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>reload</c>: the daemon reads its configuration again and reports the changes.</summary>
internal static class ReloadCommand
{
    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Apply it even if it removes all tunnels or all peers.",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Change nothing; print what a reload would do.",
    };

    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var command = new Command("reload", "Read the configuration again and print what was added, changed, removed and kept.")
        {
            Force, DryRun,
        };
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            var report = await client.ReloadAsync(parsed.GetValue(Force), parsed.GetValue(DryRun), cancellation);
            if (json)
                new Details(client, screen, json).Print(report, ControlJson.Default.ReloadView);
            else
                await screen.Out.WriteAsync(Text(report));
        }));
        return command;
    }

    // Changes first; warnings and problems last, next to the prompt.
    private static string Text(ReloadView report)
    {
        string[] lines =
        [
            .. report.Changes.Where(static change => change.Change != Kept).Select(Line),
            .. report.Settings.Select(static setting => $"{setting}: changed"),
            .. report.Changes.Where(static change => change.Change == Kept).Select(Line),
            .. (report.Closes ?? []).Select(line => $"{line}: {(report.DryRun ? "would be closed" : "closed")}"),
            .. report.NeedsRestart.Select(static part => $"{part}: changed, needs a restart to take effect"),
            .. report.Warnings.Select(static warning => $"warning: {warning}"),
            .. report.Problems.Select(static problem => $"problem: {problem}"),
        ];
        var text = string.Concat(lines.Select(static line => DisplayText.Clean(line) + "\n"));
        if (report.DryRun)
            return text + "dry run: nothing was changed\n";
        return lines.Length == 0 ? "reloaded: nothing is configured\n" : text;
    }

    private const string Kept = "kept";

    private static string Line(ReloadChange change)
    {
        string?[] parts =
        [
            $"{change.Kind} {change.Name}: {change.Change}",
            change.NotApplied is { Count: > 0 } not ? $"cannot be changed while it is up: {string.Join(", ", not)}" : null,
            change.Applied is { Count: > 0 } applied ? $"in force: {string.Join(", ", applied)}" : null,
            change.Sessions is { Count: > 0 } sessions ? $"sessions {string.Join(", ", sessions)}" : null,
            change.Note,
        ];
        return string.Join("; ", parts.OfType<string>());
    }
}
