using L2tpd.Engine.Addressing;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Calls;

/// <summary>
/// The established Ethernet and VLAN pseudowires that are known by their Remote End ID: finds those that an earlier life of the same peer left behind in another
/// tunnel (ADR 55). Sessions of PPP are left alone: many of them may have one Remote End ID.
/// </summary>
internal sealed class NamedPseudowires(EngineContext context)
{
    private readonly Dictionary<Name, List<Session>> _sessions = [];

    /// <summary>Those that the session replaces, now that it is established.</summary>
    public Session[] ReplacedBy(Session session) =>
        NameOf(session) is { } name && IsKnownByName(session) && _sessions.TryGetValue(name, out var others)
            ? [.. others.Where(former => IsOfEarlierLife(former.Tunnel, session.Tunnel))]
            : [];

    /// <summary>The session is established.</summary>
    public void Add(Session session)
    {
        if (NameOf(session) is not { } name || !IsKnownByName(session))
            return;
        if (!_sessions.TryGetValue(name, out var sessions))
            _sessions.Add(name, sessions = []);
        sessions.Add(session);
    }

    /// <summary>Does nothing for a session that is not known.</summary>
    public void Remove(Session session)
    {
        if (NameOf(session) is { } name && _sessions.TryGetValue(name, out var sessions) && sessions.Remove(session) && sessions.Count == 0)
            _sessions.Remove(name);
    }

    /// <summary>
    /// The same peer, as far as can be told: its address, its host name, and rules of one secret. A tunnel that was heard of since the newer one is up is of a peer that
    /// lives: it wants both.
    /// </summary>
    private static bool IsOfEarlierLife(Tunnel former, Tunnel tunnel) =>
        former != tunnel
        && former.LastReceived <= tunnel.EstablishedAt
        && former.PeerIntroduction?.HostName == tunnel.PeerIntroduction?.HostName
        && (former.Profile.Name == tunnel.Profile.Name || former.Profile.Secret.AsSpan().SequenceEqual(tunnel.Profile.Secret));

    private static Name? NameOf(Session session) =>
        session is { Pseudowire: { Type: not PseudowireType.Ppp } wire, Tunnel.IsStatic: false }
            ? new Name(session.Tunnel.Path.Remote.WithoutPort, wire.TieKey)
            : null;

    /// <summary>Of a profile that takes any Remote End ID, and leaves the interface's name to the kernel, any number may be up.</summary>
    private bool IsKnownByName(Session session) =>
        session.Dialled is not null || session.Profile.Pseudowire.Interface is not null || !SessionRules.Of(context, session.Tunnel).Endpoints.IsEmpty;

    /// <param name="Peer">Its address, without the port: a peer that starts again has another.</param>
    /// <param name="EndId">The Remote End ID.</param>
    private readonly record struct Name(Endpoint Peer, string EndId);
}
