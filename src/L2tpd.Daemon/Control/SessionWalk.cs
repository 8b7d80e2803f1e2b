using L2tpd.Control;
using L2tpd.Engine.Sessions;
using L2tpd.Engine.Tunnels;

namespace L2tpd.Daemon.Control;

/// <summary>One page of sessions: the work of one loop turn. Views are made for the page only.</summary>
public static class SessionWalk
{
    /// <summary>
    /// Sessions by rising tunnel id, then session id; <see cref="PageRequest.Name"/> is a session's name or id, or the name or
    /// id of its tunnel, or the name of its peer.
    /// </summary>
    /// <param name="tunnels">All tunnels, in any order.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="now">Engine time, ms.</param>
    /// <exception cref="ControlRequestException">The cursor is not one of ours.</exception>
    public static Page<SessionView> Sessions(IEnumerable<Tunnel> tunnels, PageRequest request, long now)
    {
        var after = Cursor(request.After);
        var filter = new SessionFilter(request.Name);
        var page = new Smallest<Session>(request.Limit);
        foreach (var tunnel in InOrder(tunnels, after))
        {
            // Tunnels come by rising id, so a full page cannot be improved by a later one.
            if (page.Overflowed)
                break;
            var whole = filter.FitsTunnel(tunnel);
            foreach (var session in tunnel.Sessions.Values)
            {
                var key = Key(tunnel.LocalId, session.LocalId);
                if (key > after && (whole || filter.FitsSession(tunnel, session)))
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
            if (tunnel.LocalId >= after >> 32 && tunnel.Sessions.Count > 0)
                ordered.Add(tunnel);
        }

        ordered.Sort(static (a, b) => a.LocalId.CompareTo(b.LocalId));
        return ordered;
    }

    private static ulong Key(uint tunnel, uint session) => ((ulong)tunnel << 32) | session;

    private static ulong Cursor(string? after)
    {
        if (after is null)
            return 0;
        return NameLookup.SessionIds.Parse(after) is { Tunnel: { } tunnel, Session: { } session }
            ? Key(tunnel, session)
            : throw new ControlRequestException($"after: \"{after}\" is not a cursor of this list");
    }

    private readonly struct SessionFilter(string? name)
    {
        private readonly NameLookup.SessionIds _ids = name is null ? default : NameLookup.SessionIds.Parse(name);

        public bool FitsTunnel(Tunnel tunnel) =>
            name is null || tunnel.Peer.Name == name || tunnel.Name == name || (_ids is { Tunnel: null, Session: { } id } && id == tunnel.LocalId);

        public bool FitsSession(Tunnel tunnel, Session session) => _ids.Fit(tunnel.LocalId, session.LocalId) || session.Name == name;
    }
}
