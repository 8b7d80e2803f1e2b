using System.Globalization;
using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>One page of the routes of users, collected in one turn of the loop.</summary>
public static class RouteWalk
{
    /// <summary>
    /// Routes by the ids of their tunnels, then of their sessions, each session's in its own order; <see cref="PageRequest.Name"/> as for
    /// <see cref="SessionWalk"/>.
    /// </summary>
    /// <param name="tunnels">All tunnels, in any order.</param>
    /// <param name="request">Name, cursor and size of the page.</param>
    /// <param name="routesOf">The routes of a session; empty: none.</param>
    /// <exception cref="ControlRequestException">The cursor is not one of ours.</exception>
    public static Page<RouteView> Routes(
        IEnumerable<Tunnel> tunnels, PageRequest request, Func<Session, IReadOnlyList<RouteView>> routesOf)
    {
        var (after, skip) = Cursor(request.After);
        var query = request.Name is { } name ? new NameQuery(name) : (NameQuery?)null;
        var page = new List<RouteView>();
        foreach (var (key, session) in Sessions(tunnels, request, query, after))
        {
            var routes = routesOf(session);
            for (var i = key == after ? skip : 0; i < routes.Count; i++)
            {
                if (page.Count == request.Limit)
                    return new Page<RouteView>(page, string.Create(CultureInfo.InvariantCulture, $"{NameLookup.Id(session)}/{i}"));
                page.Add(routes[i]);
            }
        }

        return new Page<RouteView>(page, null);
    }

    private static List<(ulong Key, Session Session)> Sessions(
        IEnumerable<Tunnel> tunnels, PageRequest request, NameQuery? query, ulong after)
    {
        var found = new List<(ulong Key, Session Session)>();
        foreach (var tunnel in tunnels)
        {
            var whole = query is not { } only || tunnel.Profile.Name == request.Name || only.NamesTunnel(tunnel)
                || only.IsIdOf(tunnel.LocalId.Value);
            foreach (var session in tunnel.Sessions.Values)
            {
                var key = Key(tunnel.LocalId.Value, session.LocalId.Value);
                if (session.IsLns && key >= after && (whole || query!.Value.NamesSession(session) || query.Value.IsIdOf(session)))
                    found.Add((key, session));
            }
        }

        found.Sort(static (one, other) => one.Key.CompareTo(other.Key));
        return found;
    }

    private static ulong Key(uint tunnel, uint session) => ((ulong)tunnel << 32) | session;

    /// <summary>The session and the number of its route that come next.</summary>
    private static (ulong Key, int Skip) Cursor(string? after)
    {
        if (after is null)
            return (0, 0);
        var slash = after.LastIndexOf('/');
        return slash > 0 && NameQuery.TryPair(after[..slash], out var tunnel, out var session)
            && int.TryParse(after.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var skip)
            ? (Key(tunnel, session), skip)
            : throw new ControlRequestException($"after: \"{after}\" is not a cursor of this list");
    }
}
