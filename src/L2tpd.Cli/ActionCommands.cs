using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>
/// <c>open</c>, <c>reset</c> and <c>up</c> of tunnels and sessions of the configuration, and <c>close --stay-down</c>.
/// </summary>
internal static class ActionCommands
{
    /// <summary>The commands of <c>tunnel</c> or <c>session</c>.</summary>
    public static IEnumerable<Command> Of(
        string what, Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var set = what == "tunnel" ? "dial it" : "set it up";
        return
        [
            One("open", $"Set up a configured {what} now, if it is down."),
            One("reset", $"Close a configured {what} and {set} again at once."),
            One("up", $"Take close --stay-down back: {set} as configured."),
        ];

        Command One(string action, string description)
        {
            var which = new Argument<string>("NAME") { Description = "Its name in the configuration; one that is up also by its id." };
            var command = new Command(action, description) { which };
            command.SetAction((parsed, cancellation) => withClient(parsed, (client, json) =>
                DoAsync(what, parsed.GetRequiredValue(which), action, client, screen, json, cancellation)));
            return command;
        }
    }

    /// <summary>The option of <c>close</c>.</summary>
    public static Option<bool> StayDown(string what) => new("--stay-down")
    {
        Description = $"For what we dial: do not set it up again until {what} open, reset or up.",
    };

    /// <summary>Carries an action out and prints what follows.</summary>
    public static async Task DoAsync(
        string what, string name, string action, ControlClient client, Screen screen, bool json, CancellationToken cancellation)
    {
        var done = what == "tunnel"
            ? await client.ControlTunnelAsync(name, action, cancellation)
            : await client.ControlSessionAsync(name, action, cancellation);
        if (json)
            new Details(client, screen, json).Print(done, ControlJson.Default.ActionView);
        else
            await screen.Out.WriteAsync($"{what} {DisplayText.Clean(done.Name)}: {DisplayText.Clean(done.Note)}\n");
    }
}
