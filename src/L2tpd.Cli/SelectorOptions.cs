using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>The options that select sessions: <c>--user</c>, <c>--address</c> and so on.</summary>
internal sealed class SelectorOptions
{
    private readonly Option<string?> _user = Of("--user", "NAME", "Only sessions of this user.");
    private readonly Option<string?> _address = Of("--address", "ADDRESS", "Only the session of this address, or of the prefix it is in.");
    private readonly Option<string?> _prefix = Of("--prefix", "NETWORK", "Only sessions with an address or prefix in this network.");
    private readonly Option<string?> _peer = Of("--peer", "PEER", "Only sessions of this peer: profile, host name or address.");
    private readonly Option<string?> _interface = Of("--interface", "NAME", "Only the session of this network interface.");
    private readonly Option<string?> _number = Of("--number", "NUMBER", "Only sessions with this calling or called number.");

    /// <summary>Adds them to a command, of which at least one argument or option selects sessions.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_user, _address, _prefix, _peer, _interface, _number])
            command.Options.Add(option);
    }

    /// <summary>An argument that may be left out when an option selects the session, and options that stand for it.</summary>
    public void RequireOneOf(Command command, Argument<string?> name, params Option<bool>[] instead) => command.Validators.Add(result =>
    {
        if (instead.Any(result.GetValue))
        {
            if (result.GetValue(name) is { } given)
                result.AddError($"--all takes no NAME; to select by user, write --user {given}");
        }
        else if (result.GetValue(name) is null && From(result.GetValue).IsEmpty)
        {
            result.AddError("a NAME is required, or an option that selects the session, for example --user");
        }
    });

    /// <summary>What was given.</summary>
    public SessionSelector Read(ParseResult parsed) => From(parsed.GetValue);

    private SessionSelector From(Func<Option<string?>, string?> valueOf) => new()
    {
        User = valueOf(_user),
        Address = valueOf(_address),
        Prefix = valueOf(_prefix),
        Peer = valueOf(_peer),
        Interface = valueOf(_interface),
        Number = valueOf(_number),
    };

    private static Option<string?> Of(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };
}
