using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Operations.Control;
using L2tpd.Protocol;
using L2tpd.Protocol.Text;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Operations.Tracing;

/// <summary>
/// Which messages and frames belong to a name: a peer profile, a tunnel, an address of a peer (all of the tunnel), a session or a user
/// (what names that session). Loop thread. Costs no walk over tunnels or sessions per message.
/// </summary>
internal sealed class TraceFilter
{
    /// <summary>Sessions and endpoints that are remembered, so that a trace of years does not grow.</summary>
    private const int Most = 256;

    private readonly string _name;
    private readonly NameQuery _query;
    private readonly L2tpEngine _engine;
    private readonly IPAddress? _address;
    private readonly IPNetwork[] _prefixes;
    private readonly Dictionary<SessionKey, Session> _sessions = [];
    private readonly HashSet<Endpoint> _remotes = [];

    public TraceFilter(string name, L2tpEngine engine, Func<SessionKey, string?> userOf)
    {
        (_name, _query, _engine) = (name, new NameQuery(name), engine);
        // "7" is an id, not 0.0.0.7.
        _address = name.AsSpan().IndexOfAny('.', ':') >= 0 && IPAddress.TryParse(name, out var address) ? address : null;
        _prefixes = [.. engine.Configuration.Peers.FirstOrDefault(peer => peer.Name == name)?.Prefixes ?? []];
        foreach (var tunnel in engine.Tunnels)
        {
            if (IsWhole(tunnel))
            {
                Tunnels++;
                continue;
            }

            foreach (var session in tunnel.Sessions.Values)
            {
                if (IsNamed(session) || userOf(session.Key) == name)
                    Remember(session);
            }
        }

        FirstSessions = _sessions.Count;
        IsKnown = Tunnels > 0 || FirstSessions > 0 || _address is not null
            || engine.Configuration.Peers.Any(peer => peer.Name == name) || engine.Configuration.Tunnels.Any(tunnel => tunnel.Name == name);
    }

    /// <summary>Tunnels that matched when the trace began.</summary>
    public int Tunnels { get; }

    /// <summary>Sessions that matched then, those of matching tunnels not included.</summary>
    public int FirstSessions { get; }

    /// <summary>Whether the name was known then: the configuration has it, or something matched.</summary>
    public bool IsKnown { get; }

    public bool MatchesControl(bool isSent, in Path path, TunnelKey key, ReadOnlySpan<byte> message, out Tunnel? tunnel)
    {
        tunnel = null;
        if (isSent && !key.LocalId.IsNone)
            tunnel = _engine.FindTunnelById(key.LocalId);
        else if (!isSent && ControlHeader.TryRead(message, out var header, out _) && !header.TunnelId.IsNone)
            tunnel = _engine.FindTunnelById(header.TunnelId);
        if (tunnel is null)
            return IsPeers(path.Remote);
        if (!IsWhole(tunnel))
            return IsOfSession(tunnel, isSent, message);
        if (_remotes.Count < Most)
            _remotes.Add(path.Remote);
        return true;
    }

    public bool MatchesFrame(Session session, string? user)
    {
        if (IsWhole(session.Tunnel) || _sessions.ContainsKey(session.Key))
            return true;
        if (user != _name && !IsNamed(session))
            return false;
        Remember(session);
        return true;
    }

    private bool IsWhole(Tunnel tunnel) =>
        tunnel.Profile.Name == _name || _query.NamesTunnel(tunnel) || _query.IsIdOf(tunnel.LocalId.Value)
        || (_address is not null && _address.Equals(tunnel.Path.Remote.ToIPAddress()));

    private bool IsNamed(Session session) => _query.NamesSession(session) || _query.IsIdOf(session);

    /// <summary>A message of no tunnel that we know: an SCCRQ, our answer to it, or what comes after an end.</summary>
    private bool IsPeers(Endpoint remote)
    {
        if (_remotes.Contains(remote))
            return true;
        if (_address is null && _prefixes.Length == 0)
            return false;
        var address = remote.ToIPAddress();
        return address.Equals(_address) || _prefixes.Any(prefix => prefix.Contains(address));
    }

    /// <summary>
    /// The ids in a message are those of the receiver, and AVPs have those of the sender: a session is known by either.
    /// </summary>
    private bool IsOfSession(Tunnel tunnel, bool isSent, ReadOnlySpan<byte> message)
    {
        var (first, second) = MessageSessions.Read(message);
        if (first.IsNone && second.IsNone)
            return false;
        foreach (var session in _sessions.Values)
        {
            if (session.Tunnel == tunnel && (Is(session, first) || Is(session, second)))
                return true;
        }

        return TryRemember(tunnel, first) || TryRemember(tunnel, second);

        bool Is(Session session, SessionId id) => !id.IsNone && (session.LocalId == id || session.PeerId == id);
    }

    private bool TryRemember(Tunnel tunnel, SessionId id)
    {
        if (id.IsNone || !tunnel.Sessions.TryGetValue(id, out var session) || !IsNamed(session))
            return false;
        Remember(session);
        return true;
    }

    private void Remember(Session session)
    {
        if (_sessions.Count < Most)
            _sessions[session.Key] = session;
    }
}
