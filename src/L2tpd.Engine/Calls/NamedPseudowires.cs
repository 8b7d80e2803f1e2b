using L2tpd.Engine.Addressing;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Calls;

/// <summary>
/// The established Ethernet and VLAN pseudowires by Remote End ID. Finds the sessions that a peer left behind in another tunnel when it
/// started again (ADR 6). PPP sessions are left out: many of them may have one Remote End ID.
/// </summary>
internal sealed class NamedPseudowires(EngineContext context)
{
    private readonly Dictionary<Name, List<Session>> _sessions = [];

    /// <summary>The sessions that this one replaces, now that it is established.</summary>
    public Session[] ReplacedBy(Session session) =>
        IsKnownByName(session) && NameOf(session) is { } name && _sessions.TryGetValue(name, out var others)
            ? [.. others.Where(former => IsLeftBehind(former.Tunnel, session.Tunnel))]
            : [];

    /// <summary>The session is established.</summary>
    public void Add(Session session)
    {
        if (!IsKnownByName(session) || NameOf(session) is not { } name)
            return;
        if (!_sessions.TryGetValue(name, out var sessions))
            _sessions.Add(name, sessions = []);
        sessions.Add(session);
    }

    /// <summary>Does nothing for a session that is not known.</summary>
    public void Remove(Session session)
    {
        if (_sessions.Count == 0 || NameOf(session) is not { } name)
            return;
        if (_sessions.TryGetValue(name, out var sessions) && sessions.Remove(session) && sessions.Count == 0)
            _sessions.Remove(name);
    }

    /// <summary>
    /// Whether the tunnels are of the same peer, as far as can be known: same address, host name and secret. If the former tunnel received
    /// anything since the newer one is established, its peer is alive and wants both.
    /// </summary>
    private static bool IsLeftBehind(Tunnel former, Tunnel tunnel) =>
        former != tunnel
        && former.LastReceived <= tunnel.EstablishedAt
        && former.PeerIntroduction?.HostName == tunnel.PeerIntroduction?.HostName
        && (former.Profile.Name == tunnel.Profile.Name || former.Profile.Secret.AsSpan().SequenceEqual(tunnel.Profile.Secret));

    private static Name? NameOf(Session session) =>
        session is { Pseudowire: { Type: not PseudowireType.Ppp } wire, Tunnel.IsStatic: false }
            ? new Name(session.Tunnel.Path.Remote.WithoutPort, wire.TieKey)
            : null;

    /// <summary>
    /// Of a profile that accepts any Remote End ID, and leaves the name of the interface to the kernel, any number may be established.
    /// </summary>
    private bool IsKnownByName(Session session) =>
        session.Dialled is not null
        || session.Profile.Pseudowire.Interface is not null
        || !SessionRules.Of(context, session.Tunnel).Endpoints.IsEmpty;

    /// <param name="Peer">Its address, without the port: a peer that starts again has another.</param>
    /// <param name="EndId">The Remote End ID.</param>
    private readonly record struct Name(Endpoint Peer, string EndId);
}
