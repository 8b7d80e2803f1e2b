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
        foreach (var (id, session) in Sessions(tunnels, request, query))
        {
            if (after is not null && Order(id, after) < 0)
                continue;
            var routes = routesOf(session);
            for (var i = after is not null && Order(id, after) == 0 ? skip : 0; i < routes.Count; i++)
            {
                if (page.Count == request.Limit)
                    return new Page<RouteView>(page, string.Create(CultureInfo.InvariantCulture, $"{id}/{i}"));
                page.Add(routes[i]);
            }
        }

        return new Page<RouteView>(page, null);
    }

    private static List<(string Id, Session Session)> Sessions(IEnumerable<Tunnel> tunnels, PageRequest request, NameQuery? query)
    {
        var found = new List<(string Id, Session Session)>();
        foreach (var tunnel in tunnels)
        {
            var whole = query is not { } only || tunnel.Profile.Name == request.Name || only.NamesTunnel(tunnel)
                || only.IsIdOf(tunnel.LocalId);
            foreach (var session in tunnel.Sessions.Values)
            {
                if (session.IsLns && (whole || query!.Value.NamesSession(session) || query.Value.IsIdOf(session)))
                    found.Add((NameLookup.Id(session), session));
            }
        }

        found.Sort(static (one, other) => Order(one.Id, other.Id));
        return found;
    }

    /// <summary>By numbers: 9/1 comes before 10/1.</summary>
    private static int Order(string one, string other) =>
        NameQuery.TryPair(one, out var tunnel, out var session) && NameQuery.TryPair(other, out var otherTunnel, out var otherSession)
            ? (tunnel, session).CompareTo((otherTunnel, otherSession))
            : string.CompareOrdinal(one, other);

    private static (string? Id, int Skip) Cursor(string? after)
    {
        if (after is null)
            return (null, 0);
        var slash = after.LastIndexOf('/');
        return slash > 0 && NameQuery.TryPair(after[..slash], out _, out _)
            && int.TryParse(after.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var skip)
            ? (after[..slash], skip)
            : throw new ControlRequestException($"after: \"{after}\" is not a cursor of this list");
    }
}
