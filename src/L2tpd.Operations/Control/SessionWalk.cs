using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>One page of sessions, collected in one turn of the loop. Views are made for the page only.</summary>
public static class SessionWalk
{
    /// <summary>
    /// Sessions by rising tunnel id, then session id; <see cref="PageRequest.Name"/> is a session's name or id, or the name or
    /// id of its tunnel, or the name of its peer.
    /// </summary>
    /// <param name="tunnels">All tunnels, in any order.</param>
    /// <param name="request">Name, cursor and size of the page.</param>
    /// <param name="now">Engine time, ms.</param>
    /// <exception cref="ControlRequestException">The cursor is not one of ours.</exception>
    public static Page<SessionView> Sessions(IEnumerable<Tunnel> tunnels, PageRequest request, long now)
    {
        var after = Cursor(request.After);
        var query = request.Name is { } name ? new NameQuery(name) : (NameQuery?)null;
        var page = new LowestKeys<Session>(request.Limit);
        foreach (var tunnel in InOrder(tunnels, after))
        {
            // Tunnels come in the order of ids: later ones have no session for a full page.
            if (page.Overflowed)
                break;
            var whole = query is not { } only
                || tunnel.Profile.Name == request.Name
                || only.NamesTunnel(tunnel)
                || only.IsIdOf(tunnel.LocalId.Value);
            foreach (var session in tunnel.Sessions.Values)
            {
                var key = Key(tunnel.LocalId.Value, session.LocalId.Value);
                if (key > after && (whole || query!.Value.NamesSession(session) || query.Value.IsIdOf(session)))
                    page.Offer(key, session);
            }
        }

        var chosen = page.Take();
        return new Page<SessionView>(
            chosen.ConvertAll(s => ViewMapper.From(s, now)), page.Overflowed ? NameLookup.Id(chosen[^1]) : null);
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
