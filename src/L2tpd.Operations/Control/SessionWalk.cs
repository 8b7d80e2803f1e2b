using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>One page of sessions, collected in one turn of the loop. Views are made for the page only.</summary>
public static class SessionWalk
{
    /// <summary>
    /// Sessions by rising tunnel id, then session id; <see cref="PageRequest.Name"/> is a session's name or id, the name or id of its
    /// tunnel, the name of its peer, or its user.
    /// </summary>
    /// <param name="tunnels">All tunnels, in any order.</param>
    /// <param name="request">Name, cursor and size of the page.</param>
    /// <param name="now">Engine time, ms.</param>
    /// <exception cref="ControlRequestException">The cursor is not one of ours.</exception>
    public static Page<SessionView> Sessions(IEnumerable<Tunnel> tunnels, PageRequest request, long now) =>
        PageOf(Walk(tunnels, request), session => ViewMapper.From(session, now));

    /// <summary>The same page before its views are made; <see cref="Page{T}.Next"/> is set.</summary>
    internal static Page<Session> Walk(IEnumerable<Tunnel> tunnels, PageRequest request)
    {
        var after = Cursor(request.After);
        var query = request.Name is { } name ? new NameQuery(name) : (NameQuery?)null;
        var page = new LowestKeys<Session>(request.Limit);
        foreach (var tunnel in InOrder(tunnels, after))
        {
            // Tunnels come in the order of ids: later ones have no session for a full page.
            if (page.Overflowed)
                break;
            var whole = query is not { } only || IsOf(tunnel, request.Name, only);
            foreach (var session in tunnel.Sessions.Values)
            {
                var key = Key(session);
                if (key > after && (whole || Is(session, query!.Value, request.Name)))
                    page.Offer(key, session);
            }
        }

        return PageOf(page);
    }

    /// <summary>The page of some sessions, in any order.</summary>
    internal static Page<Session> Walk(IEnumerable<Session> sessions, PageRequest request)
    {
        var after = Cursor(request.After);
        var query = request.Name is { } name ? new NameQuery(name) : (NameQuery?)null;
        var page = new LowestKeys<Session>(request.Limit);
        foreach (var session in sessions)
        {
            var key = Key(session);
            if (key > after
                && (query is not { } only || IsOf(session.Tunnel, request.Name, only) || Is(session, only, request.Name)))
            {
                page.Offer(key, session);
            }
        }

        return PageOf(page);
    }

    /// <summary>A page with its views.</summary>
    internal static Page<SessionView> PageOf(Page<Session> page, Func<Session, SessionView> view) =>
        new([.. page.Items.Select(view)], page.Next);

    private static bool IsOf(Tunnel tunnel, string? name, in NameQuery query) =>
        tunnel.Profile.Name == name || query.NamesTunnel(tunnel) || query.IsIdOf(tunnel.LocalId.Value);

    private static bool Is(Session session, in NameQuery query, string? name) =>
        query.NamesSession(session) || query.IsIdOf(session) || session.User?.Name == name;

    private static Page<Session> PageOf(LowestKeys<Session> page)
    {
        var chosen = page.Take();
        return new Page<Session>(chosen, page.Overflowed ? NameLookup.Id(chosen[^1]) : null);
    }

    private static List<Tunnel> InOrder(IEnumerable<Tunnel> tunnels, ulong after)
    {
        var ordered = new List<Tunnel>();
        foreach (var tunnel in tunnels)
        {
            if (tunnel.LocalId.Value >= after >> 32 && tunnel.Sessions.Count > 0)
                ordered.Add(tunnel);
        }

        ordered.Sort(static (a, b) => a.LocalId.Value.CompareTo(b.LocalId.Value));
        return ordered;
    }

    private static ulong Key(Session session) => Key(session.Tunnel.LocalId.Value, session.LocalId.Value);

    private static ulong Key(uint tunnel, uint session) => ((ulong)tunnel << 32) | session;

    private static ulong Cursor(string? after)
    {
        if (after is null)
            return 0;
        return NameQuery.TryPair(after, out var tunnel, out var session)
            ? Key(tunnel, session)
            : throw new ControlRequestException($"after: \"{after}\" is not a cursor of this list");
    }
}
