using System.CommandLine;
using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>The commands and options of l2tpctl.</summary>
public static class CommandLine
{
    private const int DefaultHistory = 50;

    private static readonly Option<string?> InstanceName = new("--instance")
    {
        Description = "The daemon with this --instance: another default of --socket.",
        HelpName = "NAME",
        Recursive = true,
        CustomParser = static result =>
        {
            if (Instance.IsName(result.Tokens[0].Value))
                return result.Tokens[0].Value;
            result.AddError(Instance.Refusal(result.Tokens[0].Value));
            return null;
        },
    };

    private static readonly Option<string> Socket = new("--socket")
    {
        Description = "The daemon's control socket.",
        HelpName = "PATH",
        // By its text: the value of a name that is refused cannot be asked for.
        DefaultValueFactory = static result => Instance.SocketPath(
            result.GetResult(InstanceName) is { Tokens: [var name, ..] } ? name.Value : null),
        Recursive = true,
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Print JSON: an array for lists, an object for one thing.",
        Recursive = true,
    };

    /// <summary>Runs one command.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Screen screen, CancellationToken cancellation = default)
    {
        try
        {
            var code = await ParseAndRunAsync(args, screen, cancellation);
            if (code != ExitCodes.OutputLost)
                await screen.Out.FlushAsync(CancellationToken.None);
            return code;
        }
        catch (IOException e)
        {
            return await OutputLostAsync(screen, e);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C.
            return ExitCodes.Refused;
        }
    }

    // For example a full disk. The daemon's answer was received.
    private static async Task<int> OutputLostAsync(Screen screen, IOException e)
    {
        await screen.Error.WriteLineAsync($"l2tpctl: cannot write the output: {e.Message.TrimEnd('.')}");
        return ExitCodes.OutputLost;
    }

    private static async Task<int> ParseAndRunAsync(string[] args, Screen screen, CancellationToken cancellation)
    {
        var parsed = Build(screen).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var message in UsageErrors.Of(parsed))
                await screen.Error.WriteLineAsync($"l2tpctl: {DisplayText.Clean(message)}");
            await screen.Error.WriteLineAsync("Try l2tpctl --help.");
            return ExitCodes.Usage;
        }

        // The library's handler would make an output that cannot be written (a long help text, a full disk) a refusal.
        var settings = new InvocationConfiguration { Output = screen.Out, Error = screen.Error, EnableDefaultExceptionHandler = false };
        return await parsed.InvokeAsync(settings, cancellation);
    }

    /// <summary>The tree of commands; a test compares the manual page with it.</summary>
    public static RootCommand Build(Screen screen)
    {
        var root = new RootCommand("Show and control l2tpd, the L2TP daemon.") { Socket, InstanceName, Json };
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        root.Add(Show(screen));
        AddWatching(root, screen);
        root.Add(ReloadCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen));
        foreach (var isDrain in (bool[])[true, false])
            root.Add(DrainCommand.Build(isDrain, (parsed, run) => WithClientAsync(parsed, screen, run), screen));
        var tunnel = new Command("tunnel", "Control a tunnel.") { CloseTunnel(screen) };
        var session = new Command("session", "Control a session.")
        {
            SessionCommands.Close((parsed, run) => WithClientAsync(parsed, screen, run), screen),
            ChangeCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen),
        };
        foreach (var command in (Command[])[tunnel, session])
        {
            foreach (var action in ActionCommands.Of(command.Name, (parsed, run) => WithClientAsync(parsed, screen, run), screen))
                command.Add(action);
            root.Add(command);
        }

        root.Add(ImportCommand.Build(screen));
        NameCompletion.AddTo(root, Socket);
        return root;
    }

    private static Command Show(Screen screen)
    {
        var show = new Command("show", "Show the state of the daemon; without a command: list what can be shown.")
        {
            Plain(screen, "status", "The daemon as a whole: version, data plane, counters, limits.", static (d, c) => d.StatusAsync(c)),
            List(screen, "tunnels", "Tunnels; NAME: a tunnel or a peer.", static (l, n, m, c) => l.TunnelsAsync(n, m, c)),
            SessionCommands.List((parsed, run) => WithClientAsync(parsed, screen, run), screen),
            List(screen, "routes", "Routes of users (Framed-Route); NAME: a session, tunnel or peer.",
                static (l, n, m, c) => l.RoutesAsync(n, m, c)),
            List(screen, "peers", "Peers; NAME: a peer.", static (l, n, m, c) => l.PeersAsync(n, m, c)),
            List(
                screen, "history", $"Ended and refused tunnels and sessions with reasons, the latest last; {DefaultHistory} by default.",
                static (l, n, m, c) => l.HistoryAsync(n, m ?? DefaultHistory, c)),
            CountersCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen),
            MetricsCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen),
            Plain(screen, "config", "The configuration in force, without secrets.", static (d, c) => d.ConfigurationAsync(c)),
            Plain(screen, "radius", "RADIUS servers: state, round trip, requests, timeouts, rejects.",
                static (client, x, json, c) => RadiusTable.ShowAsync(client, x, json, c)),
            Plain(screen, "pools", "Pools of addresses and IPv6 prefixes: size, used, free.",
                static (client, x, json, c) => PoolTable.ShowAsync(client, x, json, c)),
            One(screen, "tunnel", "Everything about one tunnel.", static (d, n, c) => d.TunnelAsync(n, c)),
            SessionCommands.Show((parsed, run) => WithClientAsync(parsed, screen, run), screen),
        };
        show.SetAction(_ => ListWhatCanBeShown(show, screen));
        return show;
    }

    private static void AddWatching(RootCommand root, Screen screen)
    {
        root.Add(ExplainCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen));
        root.Add(EventsCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen));
        root.Add(TraceCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen));
        root.Add(LogCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen));
        root.Add(TopCommand.Build((parsed, run) => WithClientAsync(parsed, screen, run), screen));
    }

    private static int ListWhatCanBeShown(Command show, Screen screen)
    {
        var width = show.Subcommands.Max(static command => command.Name.Length);
        foreach (var command in show.Subcommands)
            screen.Out.Write($"show {command.Name.PadRight(width)}  {command.Description}\n");
        return ExitCodes.Ok;
    }

    private static Command Plain(Screen screen, string name, string description, Func<Details, CancellationToken, Task> show)
    {
        var command = new Command(name, description);
        command.SetAction((parsed, cancellation) => WithClientAsync(
            parsed, screen, (client, json) => show(new Details(client, screen, json), cancellation)));
        return command;
    }

    private static Command Plain(
        Screen screen, string name, string description, Func<ControlClient, Screen, bool, CancellationToken, Task> show)
    {
        var command = new Command(name, description);
        command.SetAction((parsed, cancellation) => WithClientAsync(
            parsed, screen, (client, json) => show(client, screen, json, cancellation)));
        return command;
    }

    private static Command List(
        Screen screen, string name, string description, Func<Lists, string?, int?, CancellationToken, Task> show)
    {
        var only = new Argument<string?>("NAME") { Description = "Only what belongs to this name or id.", Arity = ArgumentArity.ZeroOrOne };
        var limit = Limit();
        var command = new Command(name, description) { only, limit };
        command.SetAction((parsed, cancellation) => WithClientAsync(
            parsed,
            screen,
            (client, json) => show(new Lists(client, screen, json), parsed.GetValue(only), parsed.GetValue(limit), cancellation)));
        return command;
    }

    /// <summary>The option that bounds a list.</summary>
    internal static Option<int?> Limit(string name = "--limit", string description = "Maximum number of entries.")
    {
        var limit = new Option<int?>(name) { Description = description, HelpName = "N" };
        // The library's own message names the type of the value.
        limit.CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
                return count;
            result.AddError($"{name}: \"{result.Tokens[0].Value}\" is not a number from 1 to {int.MaxValue}");
            return null;
        };
        return limit;
    }

    private static Command One(Screen screen, string name, string description, Func<Details, string, CancellationToken, Task> show)
    {
        var which = new Argument<string>("NAME") { Description = "Its name as shown by the lists, or its id." };
        var command = new Command(name, description) { which };
        command.SetAction((parsed, cancellation) => WithClientAsync(
            parsed, screen, (client, json) => show(new Details(client, screen, json), parsed.GetRequiredValue(which), cancellation)));
        return command;
    }

    private static Command CloseTunnel(Screen screen)
    {
        var which = new Argument<string>("NAME") { Description = "Its name as shown by the lists, or its id." };
        var stayDown = ActionCommands.StayDown("tunnel");
        var command = new Command("close", "Close a tunnel and its sessions.") { which, stayDown };
        command.SetAction((parsed, cancellation) => WithClientAsync(parsed, screen, async (client, json) =>
        {
            var name = parsed.GetRequiredValue(which);
            if (parsed.GetValue(stayDown))
            {
                await ActionCommands.DoAsync("tunnel", name, "stay-down", client, screen, json, cancellation);
                return;
            }

            var closed = await client.CloseTunnelAsync(name, cancellation);
            if (json)
                new Details(client, screen, json).Print(closed, ControlJson.Default.ClosedView);
            else
                await screen.Out.WriteAsync(ClosingText("tunnel", closed));
        }));
        return command;
    }

    internal static string ClosingText(string what, ClosedView closed)
    {
        var sessions = closed.Sessions is > 0 ? string.Create(CultureInfo.InvariantCulture, $" and its {closed.Sessions} sessions") : "";
        return $"closing {what} {DisplayText.Clean(closed.Name)} ({closed.Id}){sessions}\n";
    }

    private static async Task<int> WithClientAsync(ParseResult parsed, Screen screen, Func<ControlClient, bool, Task> run)
    {
        using var client = new ControlClient(parsed.GetRequiredValue(Socket));
        try
        {
            await run(client, parsed.GetValue(Json));
            return ExitCodes.Ok;
        }
        catch (ControlConnectException e)
        {
            await screen.Error.WriteLineAsync($"l2tpctl: {e.Message}");
            return ExitCodes.Unreachable;
        }
        catch (IOException e)
        {
            // Failures of the connection are ControlConnectExceptions.
            return await OutputLostAsync(screen, e);
        }
        catch (ControlProblemException e)
        {
            await screen.Error.WriteLineAsync($"l2tpctl: {DisplayText.Clean(e.Message)}");
            foreach (var candidate in (e.Problem?.Candidates ?? []).Concat(e.Problem?.Errors ?? []))
                await screen.Error.WriteLineAsync($"  {DisplayText.Clean(candidate)}");
            return ExitCodes.Refused;
        }
    }
}
