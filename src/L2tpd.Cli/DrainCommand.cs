using System.CommandLine;
using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>drain</c> and <c>undrain</c>: peers get no new tunnels and sessions, or get them again.</summary>
internal static class DrainCommand
{
    public static Command Build(
        bool isDrain, Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var peer = new Argument<string?>("PEER")
        {
            Description = "A peer, or a tunnel that we dial; without it all.", Arity = ArgumentArity.ZeroOrOne,
        };
        var command = isDrain
            ? new Command("drain", "Refuse new tunnels and sessions of peers, and keep those that they have.") { peer }
            : new Command("undrain", "Accept new tunnels and sessions of peers again.") { peer };
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            var view = await client.DrainAsync(parsed.GetValue(peer), isDrain, cancellation);
            if (json)
                new Details(client, screen, json).Print(view, ControlJson.Default.DrainView);
            else
                await screen.Out.WriteAsync(DisplayText.Clean(Text(view)) + "\n");
        }));
        return command;
    }

    private static string Text(DrainView view)
    {
        if (view is { All: false, Peers.Count: 0 })
            return "nothing is drained";
        var peers = view.All ? "all peers" : string.Join(", ", view.Peers);
        return string.Create(CultureInfo.InvariantCulture, $"drained: {peers}; still up: {view.Tunnels} tunnels, {view.Sessions} sessions");
    }
}
