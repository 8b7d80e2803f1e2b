using System.Globalization;
using L2tpd.Engine.Sessions;
using L2tpd.Engine.Tunnels;

namespace L2tpd.Daemon.Control;

/// <summary>
/// Finds tunnels and sessions by what an operator types. A name as shown wins over an id, so that every name can be used.
/// To be called on the loop thread.
/// </summary>
public static class NameLookup
{
    /// <summary>Candidates that an ambiguous name lists at most.</summary>
    public const int MaxCandidates = 20;

    /// <summary>Finds the one tunnel of this name or id.</summary>
    public static LookupResult<Tunnel> Tunnel(IEnumerable<Tunnel> tunnels, string name)
    {
        var byName = new Matches<Tunnel>();
        var byId = new Matches<Tunnel>();
        var hasId = TryId(name, out var id);
        foreach (var tunnel in tunnels)
        {
            if (tunnel.Name == name)
                byName.Add(tunnel);
            else if (hasId && tunnel.LocalId == id)
                byId.Add(tunnel);
        }

        return (byName.Count > 0 ? byName : byId).Result(Id);
    }

    /// <summary>Finds the one session of this name, "tunnel id/session id", or session id.</summary>
    public static LookupResult<Session> Session(IEnumerable<Tunnel> tunnels, string name)
    {
        var byName = new Matches<Session>();
        var byId = new Matches<Session>();
        var query = SessionIds.Parse(name);
        var lastId = TryId(name.AsSpan(name.LastIndexOf('/') + 1), out var last) ? last : 0;
        foreach (var tunnel in tunnels)
        {
            // Only a dialled tunnel has sessions with configured names; all other names end in the session's id.
            if (tunnel.IsInitiator)
            {
                foreach (var session in tunnel.Sessions.Values)
                    Consider(session);
            }
            else if (tunnel.Sessions.TryGetValue(lastId, out var session))
            {
                Consider(session);
            }
        }

        return (byName.Count > 0 ? byName : byId).Result(Id);

        void Consider(Session session)
        {
            if (session.Name == name)
                byName.Add(session);
            else if (query.Fit(session.Tunnel.LocalId, session.LocalId))
                byId.Add(session);
        }
    }

    /// <summary>The id as the API writes it.</summary>
    public static string Id(Tunnel tunnel) => tunnel.LocalId.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc cref="Id(Tunnel)"/>
    public static string Id(Session session) => string.Create(CultureInfo.InvariantCulture, $"{session.Tunnel.LocalId}/{session.LocalId}");

    internal static bool TryId(ReadOnlySpan<char> text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    /// <summary>"5678" or "1234/5678"; fits nothing when the text is neither.</summary>
    internal readonly record struct SessionIds(uint? Tunnel, uint? Session)
    {
        public static SessionIds Parse(string text)
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
                return TryId(text, out var only) ? new SessionIds(null, only) : default;
            return TryId(text.AsSpan(0, slash), out var tunnel) && TryId(text.AsSpan(slash + 1), out var session)
                ? new SessionIds(tunnel, session)
                : default;
        }

        public bool Fit(uint tunnel, uint session) => Session == session && (Tunnel is null || Tunnel == tunnel);
    }

    internal sealed class Matches<T>
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
