using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;
using L2tpd.Operations.Events;
using L2tpd.Protocol.Messages;

namespace L2tpd.Operations.Sessions;

/// <summary>
/// Sessions by user, address, interface and number, so that a question about one of 100,000 sessions needs no walk over all of them.
/// <para>It is kept up by events: a session is in it from its establishment, or PPP's first word about it, to its end. Loop thread
/// only.</para>
/// </summary>
public sealed class SessionIndex : IOperationsObserver
{
    private readonly Dictionary<SessionKey, Known> _known = [];
    private readonly SessionSet<string> _users = new();
    private readonly SessionSet<string> _interfaces = new();
    private readonly SessionSet<string> _numbers = new();
    private readonly SessionNetworks _networks = new();

    /// <summary>Sessions in it.</summary>
    public int Count => _known.Count;

    /// <inheritdoc/>
    public void Observe(OperationsEvent operationsEvent)
    {
        switch (operationsEvent)
        {
            case SessionEstablished { Session: var session }:
                Update(session);
                break;
            case SessionUserChanged { Session: var session }:
                Update(session);
                break;
            case SessionNetworkUp { Session: var session }:
                Update(session);
                break;
            case SessionEnded { Session: var session }:
                if (_known.Remove(session.Key, out var known))
                    Remove(session, known);
                break;
        }
    }

    /// <summary>Sessions of a user, in no order.</summary>
    public IReadOnlyCollection<Session> OfUser(string user) => _users.Of(user);

    /// <summary>The session of an interface; several only while one takes over a name.</summary>
    public IReadOnlyCollection<Session> OfInterface(string name) => _interfaces.Of(name);

    /// <summary>Sessions with this calling or called number, in no order.</summary>
    public IReadOnlyCollection<Session> OfNumber(string number) => _numbers.Of(number);

    /// <summary>Sessions with an address or prefix in this network, or with one that contains it, in no order.</summary>
    internal IReadOnlyCollection<Session> OfNetwork(AddressRange network) => _networks.Of(network);

    /// <summary>Whether the session has an address or prefix in this network, or one that contains it.</summary>
    internal bool Has(Session session, AddressRange network)
    {
        foreach (var own in _known.GetValueOrDefault(session.Key)?.Networks ?? [])
        {
            var (wide, narrow) = own.Length < network.Length ? (own, network) : (network, own);
            if (narrow.Within(wide.Length) == wide)
                return true;
        }

        return false;
    }

    private void Update(Session session)
    {
        var now = Known.Of(session);
        if (_known.TryGetValue(session.Key, out var before))
            Remove(session, before);
        _known[session.Key] = now;
        _users.Add(now.User, session);
        _interfaces.Add(now.Interface, session);
        _numbers.Add(now.Calling, session);
        _numbers.Add(now.Called, session);
        foreach (var network in now.Networks)
            _networks.Add(network, session);
    }

    private void Remove(Session session, Known known)
    {
        _users.Remove(known.User, session);
        _interfaces.Remove(known.Interface, session);
        _numbers.Remove(known.Calling, session);
        _numbers.Remove(known.Called, session);
        foreach (var network in known.Networks)
            _networks.Remove(network, session);
    }

    /// <summary>Under which keys a session is in the index.</summary>
    private sealed record Known(string? User, string? Interface, string? Calling, string? Called, AddressRange[] Networks)
    {
        public static Known Of(Session session) => new(
            NotEmpty(session.User?.Name), session.Interface, NotEmpty((session.Request as Icrq)?.CallingNumber),
            NotEmpty(session.Request.CalledNumber), [.. NetworksOf(session)]);

        private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

        private static IEnumerable<AddressRange> NetworksOf(Session session)
        {
            string?[] texts = [session.PeerAddress, session.User?.Ipv6Address, .. session.User?.Prefixes?.Split(' ') ?? []];
            foreach (var text in texts.Distinct())
            {
                if (text is not null && AddressRange.TryParse(text, out var range))
                    yield return range;
            }
        }
    }
}
