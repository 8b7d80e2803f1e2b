using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Operations.Control;
using L2tpd.Protocol.Messages;

namespace L2tpd.Operations.Sessions;

/// <summary>A <see cref="SessionSelector"/> that was read, and is compared with sessions.</summary>
internal sealed record SessionFilter
{
    public string? User { get; private init; }

    public AddressRange? Address { get; private init; }

    public AddressRange? Prefix { get; private init; }

    public string? Peer { get; private init; }

    public string? Interface { get; private init; }

    public string? Number { get; private init; }

    public string? State { get; private init; }

    public string? Profile { get; private init; }

    /// <summary>More is asked than which tunnel it is.</summary>
    public bool IsOfSessions => User is not null || Address is not null || Prefix is not null || Interface is not null
        || Number is not null || State is not null || Profile is not null;

    /// <exception cref="ControlRequestException">An address or prefix cannot be read.</exception>
    public static SessionFilter Of(SessionSelector selector) => new()
    {
        User = selector.User,
        Address = RangeOf("address", selector.Address, isPrefix: false),
        Prefix = RangeOf("prefix", selector.Prefix, isPrefix: true),
        Peer = selector.Peer,
        Interface = selector.Interface,
        Number = selector.Number,
        State = selector.State,
        Profile = selector.Profile,
    };

    /// <summary>Whether the tunnel may have sessions that are meant.</summary>
    public bool Fits(Tunnel tunnel) => Peer is not { } peer
        || tunnel.Profile.Name == peer
        || tunnel.PeerIntroduction?.HostName == peer
        || (tunnel.Path.Remote is var remote && remote != default && remote.ToIPAddress().ToString() == peer);

    /// <summary>Whether the session is meant.</summary>
    public bool Fits(Session session, SessionIndex index) =>
        (User is not { } user || session.User?.Name == user)
        && (Interface is not { } name || session.Interface == name)
        && (Number is not { } number || session.Request.CalledNumber == number || (session.Request as Icrq)?.CallingNumber == number)
        && (State is not { } state || ApiText.Of(session.State) == state || ApiText.Of(session.Data) == state)
        && (Profile is not { } profile || session.Profile.Ppp == profile)
        && (Address is not { } address || index.Has(session, address))
        && (Prefix is not { } prefix || index.Has(session, prefix))
        && Fits(session.Tunnel);

    private static AddressRange? RangeOf(string key, string? text, bool isPrefix)
    {
        if (text is null)
            return null;
        if (AddressRange.TryParse(text, out var range) && (isPrefix || !text.Contains('/', StringComparison.Ordinal)))
            return range;
        throw new ControlRequestException(
            $"{key}: \"{text}\" is not {(isPrefix ? "a network, for example 10.1.0.0/16 or 2001:db8::/48" : "an address")}");
    }
}
