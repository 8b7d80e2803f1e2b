using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>events</c>: one line for each event that the daemon keeps, and with <c>--follow</c> for each that comes.</summary>
internal static class EventsCommand
{
    private static readonly Option<bool> Follow = new("--follow", "-f")
    {
        Description = "Wait for further events.",
    };

    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "Only events of this tunnel, session or peer, by its name.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        const string Description = "Events of tunnels, sessions, authentication, network, data plane and configuration, the latest last.";
        var command = new Command("events", Description) { name, Follow };
        command.SetAction((parsed, cancellation) => withClient(
            parsed, (client, json) => PrintAsync(client, screen, parsed.GetValue(name), parsed.GetValue(Follow), json, cancellation)));
        return command;
    }

    private static async Task PrintAsync(
        ControlClient client, Screen screen, string? name, bool follow, bool json, CancellationToken cancellation)
    {
        try
        {
            await foreach (var view in client.EventsAsync(name, follow, cancellation: cancellation))
            {
                var line = json ? JsonSerializer.Serialize(view, ControlJson.Default.EventView) : Line(view);
                await screen.Out.WriteAsync(line + "\n");
                if (follow)
                    await screen.Out.FlushAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how --follow ends.
        }
    }

    private static string Line(EventView view)
    {
        string?[] parts =
        [
            DisplayText.Time(view.At),
            DisplayText.Clean(view.Kind),
            view.Name is null ? null : DisplayText.Clean(view.Name),
            view.Remote is null || view.Remote == view.Name ? null : DisplayText.Clean(view.Remote),
            view.HostName is null ? null : DisplayText.Clean(view.HostName),
            view.UpSeconds is null ? null : $"up {DisplayText.Duration(view.UpSeconds)}",
            view.DelaySeconds is { } delay ? string.Create(CultureInfo.InvariantCulture, $"again in {delay:0.0} s") : null,
            view.By is null ? null : $"by {DisplayText.Clean(view.By)}",
        ];
        return $"{string.Join("  ", parts.OfType<string>())}: {DisplayText.Clean(view.Text)}";
    }
}
