using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>explain</c>: how far a session, tunnel or user came, and what it waits for or died of.</summary>
internal static class ExplainCommand
{
    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var name = new Argument<string>("NAME")
        {
            Description = "A session, tunnel or user, by its name or id, or the IP address of a peer.",
        };
        var command = new Command("explain", "How far a session, tunnel or user came, and what it waits for or died of.") { name };
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            var view = await client.ExplainAsync(parsed.GetRequiredValue(name), cancellation);
            if (json)
                new Details(client, screen, json).Print(view, ControlJson.Default.ExplanationView);
            else
                Write(view, screen);
        }));
        return command;
    }

    private static void Write(ExplanationView view, Screen screen)
    {
        screen.Out.Write($"{DisplayText.Clean(view.Subject)}: {DisplayText.Clean(view.Summary)}\n");
        var width = view.Steps.Select(static step => step.Part.Length).DefaultIfEmpty(0).Max();
        foreach (var step in view.Steps)
        {
            var escape = screen.Colour ? EscapeOf(step.State) : null;
            var state = $"{escape}{StateText(step.State),-11}{(escape is null ? null : Terminal.Plain)}";
            screen.Out.Write($"  {state}  {DisplayText.Clean(step.Part).PadRight(width)}  {DisplayText.Clean(step.Text)}\n");
        }

        foreach (var past in view.Past ?? [])
            screen.Out.Write($"{DisplayText.Time(past.At)}  {DisplayText.Clean(past.Name)}: {DisplayText.Clean(past.Text)}\n");
    }

    private static string StateText(string state) => state == ExplanationStep.NotReached ? "not reached" : DisplayText.Clean(state);

    private static string? EscapeOf(string state) => state switch
    {
        ExplanationStep.Done => "\u001b[32m",
        ExplanationStep.Waiting => "\u001b[33m",
        ExplanationStep.Failed => "\u001b[31m",
        _ => null,
    };
}
