namespace L2tpd.Control;

/// <summary>Which sessions are meant: those to which every member that is set applies. All <c>null</c>: all sessions.</summary>
public sealed record SessionSelector
{
    /// <summary>The user's name, exactly.</summary>
    public string? User { get; init; }

    /// <summary>An address of the user, or one in a prefix that the user has.</summary>
    public string? Address { get; init; }

    /// <summary>Sessions with an address or prefix in this network, or with one that contains it.</summary>
    public string? Prefix { get; init; }

    /// <summary>Name of the peer profile, host name of the peer, or its address.</summary>
    public string? Peer { get; init; }

    /// <summary>Name of the session's network interface.</summary>
    public string? Interface { get; init; }

    /// <summary>Calling or called number.</summary>
    public string? Number { get; init; }

    /// <summary>State of the call or of its data path, as the views have it: "wait-reply", "network-up" and so on.</summary>
    public string? State { get; init; }

    /// <summary>Name of the PPP profile.</summary>
    public string? Profile { get; init; }

    /// <summary>Whether nothing is set.</summary>
    public bool IsEmpty => this == All;

    /// <summary>The keys of the members in a query.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["user", "address", "prefix", "peer", "interface", "number", "state", "profile"];

    /// <summary>All sessions.</summary>
    public static SessionSelector All { get; } = new();

    /// <summary>The selector of a query.</summary>
    /// <param name="valueOf">The value of a key; <c>null</c>: it is not there.</param>
    public static SessionSelector From(Func<string, string?> valueOf) => new()
    {
        User = valueOf("user"),
        Address = valueOf("address"),
        Prefix = valueOf("prefix"),
        Peer = valueOf("peer"),
        Interface = valueOf("interface"),
        Number = valueOf("number"),
        State = valueOf("state"),
        Profile = valueOf("profile"),
    };

    /// <summary>Both together; what this one sets counts before what the other sets.</summary>
    public SessionSelector And(SessionSelector? other) => other is null ? this : new SessionSelector
    {
        User = User ?? other.User,
        Address = Address ?? other.Address,
        Prefix = Prefix ?? other.Prefix,
        Peer = Peer ?? other.Peer,
        Interface = Interface ?? other.Interface,
        Number = Number ?? other.Number,
        State = State ?? other.State,
        Profile = Profile ?? other.Profile,
    };

    /// <summary>Keys and values of what is set, in the order of <see cref="Keys"/>.</summary>
    public IEnumerable<KeyValuePair<string, string>> Query()
    {
        string?[] values = [User, Address, Prefix, Peer, Interface, Number, State, Profile];
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
                yield return KeyValuePair.Create(Keys[i], value);
        }
    }
}
