using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Operations.Control;

namespace L2tpd.Operations.Sessions;

/// <summary>
/// Finds sessions by name, id, user or selector. Where the <see cref="SessionIndex"/> has a key of the selector, only its sessions are
/// looked at; a peer costs a walk over the tunnels, and only a selector without any of them one over all sessions. Loop thread only.
/// </summary>
/// <param name="index">The index.</param>
/// <param name="tunnels">All tunnels at the time of the question.</param>
public sealed class SessionFinder(SessionIndex index, Func<IEnumerable<Tunnel>> tunnels)
{
    /// <summary>The sessions that a selector means, in no order; valid until the next input of the engine.</summary>
    /// <exception cref="ControlRequestException">An address or prefix of the selector cannot be read.</exception>
    public IEnumerable<Session> Find(SessionSelector selector)
    {
        var filter = SessionFilter.Of(selector);
        return Candidates(filter).Where(session => filter.Fits(session, index));
    }

    /// <summary>The one session of a name or id (<see cref="NameLookup"/>), otherwise of a user of this name.</summary>
    /// <param name="name">Name, id or user; <c>null</c>: the selector alone decides.</param>
    /// <param name="selector">What applies to it in addition.</param>
    /// <exception cref="ControlRequestException">An address or prefix of the selector cannot be read.</exception>
    public LookupResult<Session> One(string? name, SessionSelector selector)
    {
        var filter = SessionFilter.Of(selector);
        if (name is null)
            return NameLookup.Only(Find(selector));
        var found = NameLookup.Session(tunnels(), name);
        if (found is { Value: null, Candidates.Count: 0 })
            found = NameLookup.Only(index.OfUser(name).Where(session => filter.Fits(session, index)));
        return found.Value is { } only && !filter.Fits(only, index) ? new LookupResult<Session>(null, []) : found;
    }

    /// <summary>
    /// One page of sessions by rising tunnel id, then session id. <see cref="PageRequest.Name"/> is a session's name or id, the name or id
    /// of its tunnel, the name of its peer, or its user.
    /// </summary>
    /// <param name="request">Name, selector, cursor and size of the page.</param>
    /// <param name="view">Makes the view of a session.</param>
    /// <exception cref="ControlRequestException">The cursor is not one of ours, or an address or prefix cannot be read.</exception>
    public Page<SessionView> Page(PageRequest request, Func<Session, SessionView> view)
    {
        var filter = SessionFilter.Of(request.Selector);
        return SessionWalk.PageOf(
            filter.IsOfSessions
                ? SessionWalk.Walk(Candidates(filter).Where(session => filter.Fits(session, index)), request)
                : SessionWalk.Walk(tunnels().Where(filter.Fits), request),
            view);
    }

    private IEnumerable<Session> Candidates(SessionFilter filter) => filter switch
    {
        { User: { } user } => index.OfUser(user),
        { Address: { } address } => index.OfNetwork(address),
        { Interface: { } name } => index.OfInterface(name),
        { Number: { } number } => index.OfNumber(number),
        { Prefix: { } prefix } => index.OfNetwork(prefix),
        _ => tunnels().Where(filter.Fits).SelectMany(static tunnel => tunnel.Sessions.Values),
    };
}
