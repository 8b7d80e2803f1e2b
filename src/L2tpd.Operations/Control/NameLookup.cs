using System.Globalization;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>
/// Finds tunnels and sessions by name or id. A name takes precedence over an id, so that every name can be used. Loop thread only.
/// </summary>
public static class NameLookup
{
    /// <summary>Candidates listed for an ambiguous name.</summary>
    public const int MaxCandidates = 20;

    /// <summary>Finds the one tunnel of this name or id.</summary>
    public static LookupResult<Tunnel> Tunnel(IEnumerable<Tunnel> tunnels, string name)
    {
        var query = new NameQuery(name);
        var byName = new Matches<Tunnel>();
        var byId = new Matches<Tunnel>();
        foreach (var tunnel in tunnels)
        {
            if (query.NamesTunnel(tunnel))
                byName.Add(tunnel);
            else if (query.IsIdOf(tunnel.LocalId.Value))
                byId.Add(tunnel);
        }

        return (byName.Count > 0 ? byName : byId).Result(Id);
    }

    /// <summary>Finds the one session of this name, "tunnel id/session id", session id, or last part of a configured name.</summary>
    public static LookupResult<Session> Session(IEnumerable<Tunnel> tunnels, string name)
    {
        var query = new NameQuery(name);
        var byName = new Matches<Session>();
        var byId = new Matches<Session>();
        foreach (var tunnel in tunnels)
        {
            if (tunnel.IsInitiator)
            {
                foreach (var session in tunnel.Sessions.Values)
                    Consider(session);
            }
            else if (query.ByLastPart(tunnel) is { } session)
            {
                Consider(session);
            }
        }

        return (byName.Count > 0 ? byName : byId).Result(Id);

        void Consider(Session session)
        {
            if (query.NamesSession(session))
                byName.Add(session);
            else if (query.IsIdOf(session))
                byId.Add(session);
        }
    }

    /// <summary>The one of some sessions, or the ids of the first of them.</summary>
    public static LookupResult<Session> Only(IEnumerable<Session> sessions)
    {
        var matches = new Matches<Session>();
        foreach (var session in sessions)
            matches.Add(session);
        return matches.Result(Id);
    }

    /// <summary>The id as the API writes it.</summary>
    public static string Id(Tunnel tunnel) => tunnel.LocalId.ToString();

    /// <inheritdoc cref="Id(L2tpd.Engine.ControlConnections.Tunnel)"/>
    public static string Id(Session session) => string.Create(CultureInfo.InvariantCulture, $"{session.Tunnel.LocalId}/{session.LocalId}");

    private sealed class Matches<T>
        where T : class
    {
        private readonly List<T> _first = [];

        public int Count { get; private set; }

        public void Add(T item)
        {
            Count++;
            if (_first.Count < MaxCandidates)
                _first.Add(item);
        }

        public LookupResult<T> Result(Func<T, string> id) => Count switch
        {
            0 => new LookupResult<T>(null, []),
            1 => new LookupResult<T>(_first[0], []),
            _ => new LookupResult<T>(null, [.. _first.Select(id).Order(StringComparer.Ordinal)]),
        };
    }
}
