using System.CommandLine;
using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>The commands about sessions that take a selector: <c>show sessions</c>, <c>show session</c>, <c>session close</c>.</summary>
internal static class SessionCommands
{
    private const string Which = "Its name as the lists show it, its id, or its user.";

    /// <summary><c>show sessions</c>.</summary>
    public static Command List(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var only = Name("Only what belongs to this name or id.");
        var limit = CommandLine.Limit();
        var (selector, options) = (new SelectorOptions(), new SessionListOptions());
        var command = new Command("sessions", "Sessions; NAME: a session, tunnel, peer or user.") { only, limit };
        selector.AddTo(command);
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => withClient(parsed, (client, json) =>
        {
            var list = new SessionList(client, screen, json);
            var listing = options.Read(parsed, parsed.GetValue(only), selector.Read(parsed), parsed.GetValue(limit));
            return options.Watch(parsed) is { } interval
                ? list.WatchAsync(listing, interval, cancellation) : list.PrintAsync(listing, cancellation);
        }));
        return command;
    }

    /// <summary><c>show session</c>.</summary>
    public static Command Show(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var (which, selector) = (Name(Which), new SelectorOptions());
        var command = new Command("session", "Everything about one session.") { which };
        selector.AddTo(command);
        selector.RequireOneOf(command, which);
        command.SetAction((parsed, cancellation) => withClient(parsed, (client, json) =>
            new Details(client, screen, json).SessionAsync(parsed.GetValue(which), selector.Read(parsed), cancellation)));
        return command;
    }

    /// <summary><c>session close</c>.</summary>
    public static Command Close(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var (which, selector) = (Name(Which), new SelectorOptions());
        var stayDown = ActionCommands.StayDown("session");
        var all = new Option<bool>("--all") { Description = "Close all sessions that are selected, or all sessions there are." };
        var rate = CommandLine.Limit("--rate", $"With --all: sessions per second, {ControlRoutes.DefaultClosingRate} by default.");
        var stop = new Option<bool>("--stop") { Description = "Stop a close --all that is running." };
        var command = new Command("close", "Close a session, or many at a rate.") { which, stayDown, all, rate, stop };
        selector.AddTo(command);
        selector.RequireOneOf(command, which, all, stop);
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            if (parsed.GetValue(stayDown) && parsed.GetValue(which) is { } name)
            {
                await ActionCommands.DoAsync("session", name, "stay-down", client, screen, json, cancellation);
                return;
            }

            if (parsed.GetValue(all) || parsed.GetValue(stop))
            {
                var closing = parsed.GetValue(stop)
                    ? await client.StopClosingAsync(cancellation)
                    : await client.CloseManyAsync(selector.Read(parsed), parsed.GetValue(rate), cancellation);
                ShowClosing(closing, new Details(client, screen, json), screen, json);
                return;
            }

            var closed = await client.CloseSessionAsync(parsed.GetValue(which), selector.Read(parsed), cancellation);
            if (json)
                new Details(client, screen, json).Print(closed, ControlJson.Default.ClosedView);
            else
                await screen.Out.WriteAsync(CommandLine.ClosingText("session", closed));
        }));
        return command;
    }

    private static void ShowClosing(ClosingView closing, Details details, Screen screen, bool json)
    {
        if (json)
        {
            details.Print(closing, ControlJson.Default.ClosingView);
            return;
        }

        screen.Out.Write(closing.IsStopped
            ? string.Create(CultureInfo.InvariantCulture, $"stopped: {closing.Closed} of {closing.Selected} sessions were closed\n")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"closing {closing.Selected} sessions, {closing.Rate} per second; l2tpctl show status shows how far it is\n"));
    }

    private static Argument<string?> Name(string description) =>
        new("NAME") { Description = description, Arity = ArgumentArity.ZeroOrOne };
}
