using System.CommandLine;
using System.CommandLine.Completions;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>
/// Names of the daemon's objects for the completion of shells (<c>l2tpctl "[suggest:POS]" "TEXT"</c>). A daemon that does not answer in
/// time suggests nothing: a key press must not hang.
/// </summary>
internal static class NameCompletion
{
    /// <summary>More than a person chooses from. At 100,000 sessions the list stays short.</summary>
    private const int MostNames = 200;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(700);

    /// <summary>Gives every argument and option that takes a name its suggestions, in the whole tree of commands.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="socket">Finds the daemon.</param>
    public static void AddTo(Command root, Option<string> socket)
    {
        foreach (var command in root.Subcommands)
            AddTo(command, [command.Name], socket);
    }

    private static void AddTo(Command command, string[] path, Option<string> socket)
    {
        foreach (var argument in command.Arguments)
        {
            if (KindsOf(argument.Name, path) is var kinds && kinds != KnownNames.Kinds.None)
                argument.CompletionSources.Add(context => Suggestions(context, kinds, socket));
        }

        foreach (var option in command.Options)
        {
            if (KindsOf(option.Name) is var kinds && kinds != KnownNames.Kinds.None)
                option.CompletionSources.Add(context => Suggestions(context, kinds, socket));
        }

        foreach (var child in command.Subcommands)
            AddTo(child, [.. path, child.Name], socket);
    }

    /// <summary>Which names an option takes.</summary>
    internal static KnownNames.Kinds KindsOf(string option) => option switch
    {
        "--user" => KnownNames.Kinds.User,
        "--peer" => KnownNames.Kinds.Peer,
        "--tunnel" => KnownNames.Kinds.Tunnel,
        "--session" => KnownNames.Kinds.Session,
        _ => KnownNames.Kinds.None,
    };

    /// <summary>Which names an argument with this name takes.</summary>
    /// <param name="argument">For example <c>NAME</c>, <c>USER</c>, <c>PEER|SESSION|USER</c>.</param>
    /// <param name="path">The command's words.</param>
    internal static KnownNames.Kinds KindsOf(string argument, IReadOnlyList<string> path)
    {
        var kinds = KnownNames.Kinds.None;
        foreach (var word in argument.Split('|', StringSplitOptions.TrimEntries))
        {
            kinds |= word switch
            {
                "PEER" => KnownNames.Kinds.Peer,
                "TUNNEL" => KnownNames.Kinds.Tunnel,
                "SESSION" => KnownNames.Kinds.Session,
                "USER" => KnownNames.Kinds.User,
                "NAME" or "SELECTOR" => OfCommand(path),
                _ => KnownNames.Kinds.None,
            };
        }

        return kinds;
    }

    private static KnownNames.Kinds OfCommand(IReadOnlyList<string> path)
    {
        const KnownNames.Kinds Subscribers = KnownNames.Kinds.Session | KnownNames.Kinds.User;
        if (path.Contains("counters") || path.Contains("import"))
            return KnownNames.Kinds.None;
        if (path[0] == "session")
            return IsOfConfiguration(path) ? KnownNames.Kinds.Session | KnownNames.Kinds.ConfiguredSession : Subscribers;
        if (path[0] == "tunnel")
            return IsOfConfiguration(path) ? KnownNames.Kinds.Tunnel | KnownNames.Kinds.ConfiguredTunnel : KnownNames.Kinds.Tunnel;
        if (path.Contains("session"))
            return Subscribers;
        if (path.Contains("tunnel"))
            return KnownNames.Kinds.Tunnel;
        if (path[0] is "explain" or "log")
            return KnownNames.Kinds.Peer | KnownNames.Kinds.Tunnel | Subscribers | KnownNames.Kinds.ConfiguredSession;
        if (path.Contains("peers") || path.Contains("drain") || path.Contains("undrain"))
            return KnownNames.Kinds.Peer;
        return path.Contains("tunnels") ? KnownNames.Kinds.Peer | KnownNames.Kinds.Tunnel
            : KnownNames.Kinds.Peer | KnownNames.Kinds.Tunnel | Subscribers;
    }

    // These take what is down.
    private static bool IsOfConfiguration(IReadOnlyList<string> path) => path[^1] is "open" or "reset" or "up";

    private static IEnumerable<CompletionItem> Suggestions(CompletionContext context, KnownNames.Kinds kinds, Option<string> socket)
    {
        try
        {
            using var limit = new CancellationTokenSource(LongestWait);
            using var client = new ControlClient(context.ParseResult.GetRequiredValue(socket));
            // The library asks for completions synchronously. There is no context to wait for.
            var names = new KnownNames(client).NamesAsync(kinds, limit.Token).GetAwaiter().GetResult();
            return [.. names.Where(name => name.StartsWith(context.WordToComplete, StringComparison.Ordinal))
                .Where(static name => DisplayText.Clean(name) == name).Distinct().Order(StringComparer.Ordinal).Take(MostNames)
                .Select(static name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is ControlConnectException or ControlProblemException or IOException or OperationCanceledException
            or InvalidOperationException)
        {
            return [];
        }
    }
}
