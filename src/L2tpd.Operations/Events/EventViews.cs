using System.Globalization;
using L2tpd.Control;
using L2tpd.Engine;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Operations.Control;
using L2tpd.Operations.History;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Operations.Events;

/// <summary>Events to views, while what they name is alive.</summary>
internal static class EventViews
{
    /// <summary>The view of an event.</summary>
    /// <param name="operationsEvent">Any event.</param>
    /// <param name="number">Its number.</param>
    /// <param name="at">Wall-clock time.</param>
    /// <param name="now">Engine time, ms.</param>
    public static EventView From(OperationsEvent operationsEvent, long number, DateTimeOffset at, long now) =>
        OfEvent(operationsEvent, now) with { Number = number, At = at };

    private static EventView OfEvent(OperationsEvent operationsEvent, long now) => operationsEvent switch
    {
        TunnelEstablished or TunnelEnded or TunnelRefused or TunnelNotCompleted => OfTunnels(operationsEvent, now),
        PeerFellSilent or PeerAnsweredAgain or DigestsFail or PeerOddity => OfTunnels(operationsEvent, now),
        SessionEstablished or SessionNetworkUp or SessionEnded or SessionRefused or SessionInformed => OfSessions(operationsEvent, now),
        SessionUserChanged => OfSessions(operationsEvent, now),
        WaitsForTraffic or DialledByTraffic => OfDialling(operationsEvent),
        Dialling or TunnelShared or RetryScheduled or RetryAbandoned or RedirectionRefused => OfDialling(operationsEvent),
        DataPathEvent happened => OfDataPath(happened),
        SubscriberEvent happened => OfSubscribers(happened),
        DaemonEvent daemonEvent => OfDaemon(daemonEvent),
        _ => View("daemon", "other", operationsEvent.GetType().Name),
    };

    private static EventView OfTunnels(OperationsEvent operationsEvent, long now) => operationsEvent switch
    {
        TunnelEstablished { Tunnel: var tunnel } => About(tunnel, "tunnel", "tunnel-up", "the tunnel is established"),
        TunnelEnded ended => About(ended.Tunnel, "tunnel", "tunnel-down", EndReasonText.Of(ended.Reason)) with
        {
            Cause = ApiText.Of(ended.Reason.Cause),
            Sessions = ended.Sessions,
            UpSeconds = Up(ended.Tunnel.EstablishedAt, now),
        },
        TunnelRefused refused => View("tunnel", "tunnel-refused", RefusalText(MessageType.StopCcn, refused.Result, refused.Reason)) with
        {
            Remote = refused.Source.ToString(),
            HostName = refused.HostName,
        },
        TunnelNotCompleted ended => View("tunnel", "tunnel-not-completed", EndReasonText.Of(ended.Reason)) with
        {
            Peer = ended.Profile,
            Remote = ended.Source.ToString(),
            HostName = ended.HostName,
            TunnelId = ended.LocalId.Value,
            PeerId = ended.PeerId.Value,
            Cause = ApiText.Of(ended.Reason.Cause),
        },
        PeerFellSilent { Tunnel: var tunnel } => About(tunnel, "tunnel", "peer-silent", "the peer no longer answers HELLO"),
        PeerAnsweredAgain { Tunnel: var tunnel } => About(tunnel, "tunnel", "peer-answers", "the peer answers HELLO again"),
        DigestsFail { Tunnel: var tunnel } => About(tunnel, "authentication", "digests-fail", TunnelProblem.SecretsMayDiffer),
        PeerOddity oddity => About(oddity.Tunnel, "tunnel", "peer-oddity", oddity.What),
        _ => throw new ArgumentOutOfRangeException(nameof(operationsEvent)),
    };

    private static EventView OfSessions(OperationsEvent operationsEvent, long now) => operationsEvent switch
    {
        SessionEstablished { Session: var session } => About(session, "session", "session-up", "the session is established"),
        SessionUserChanged { Session: var session } => About(
            session, "authentication", "user-authenticated", $"the user is {session.User?.Name}"),
        SessionNetworkUp up => About(up.Session, "network", "network-up", $"the network is up on {up.Interface}") with
        {
            Interface = up.Interface,
            LocalAddress = up.LocalAddress,
            PeerAddress = up.PeerAddress,
        },
        SessionEnded ended => About(ended.Session, "session", "session-down", EndReasonText.Of(ended.Reason)) with
        {
            Cause = ApiText.Of(ended.Reason.Cause),
            UpSeconds = Up(ended.Session.EstablishedAt, now),
            Interface = ended.Session.Interface,
            LocalAddress = ended.Session.LocalAddress,
            PeerAddress = ended.Session.PeerAddress,
        },
        SessionRefused refused => About(
            refused.Tunnel, "session", "session-refused", RefusalText(MessageType.Cdn, refused.Result, refused.Reason)) with
        {
            Tunnel = refused.Tunnel.Name,
            PeerId = refused.PeerSessionId.Value,
        },
        SessionInformed informed => About(informed.Session, "session", "session-informed", $"the peer sent {informed.Message}"),
        _ => throw new ArgumentOutOfRangeException(nameof(operationsEvent)),
    };

    private static EventView OfDataPath(DataPathEvent happened)
    {
        var (kind, text) = happened switch
        {
            DataPathCreated => ("data-path-created", "the data plane carries it"),
            DataPathFailed failed => ("data-path-failed", failed.Error),
            DataPathRemoved => ("data-path-removed", "it is removed from the data plane"),
            _ => throw new ArgumentOutOfRangeException(nameof(happened)),
        };
        return (happened.Session is { } session
            ? About(session, "data-plane", kind, text) : About(happened.Tunnel, "data-plane", kind, text)) with
        {
            Interface = (happened as DataPathCreated)?.Interface,
        };
    }

    private static EventView OfSubscribers(SubscriberEvent happened)
    {
        var (kind, text, address, network) = happened switch
        {
            AddressAssigned one => ("address-assigned", $"the peer has {one.Address}, {one.Origin}", one.Address, null),
            AddressReleased one => ("address-released", $"{one.Address} is free", one.Address, null),
            PrefixAssigned one => ("prefix-assigned", $"the peer has {one.Prefix}, {one.Use}", null, one.Prefix.ToString()),
            PrefixReleased one => ("prefix-released", $"{one.Prefix} is not the session's any more", null, one.Prefix.ToString()),
            RouteInstalled one => ("route-installed", $"{one.Destination} is routed to the session", null, one.Destination.ToString()),
            RouteRemoved one => ("route-removed", $"{one.Destination} is not routed to the session any more", (string?)null,
                (string?)one.Destination.ToString()),
            _ => throw new ArgumentOutOfRangeException(nameof(happened)),
        };
        var view = About(happened.Session, "address", kind, text);
        return view with { User = happened.User ?? view.User, PeerAddress = address, Network = network };
    }

    private static EventView OfDialling(OperationsEvent operationsEvent) => operationsEvent switch
    {
        Dialling dialling => View("tunnel", "dialling", "an attempt starts") with
        {
            Name = dialling.Name,
            Remote = dialling.Remote.ToString(),
        },
        TunnelShared { Tunnel: var tunnel } shared => View(
            "tunnel", "tunnel-shared", $"its sessions go into the tunnel {tunnel.Name}, by Tunnel-Assignment-ID {tunnel.AssignmentId}") with
        {
            Name = shared.Name,
            Tunnel = tunnel.Name,
            Remote = tunnel.Path.Remote.ToString(),
        },
        RetryScheduled retry => View(AreaOf(retry.Name), "retry-scheduled", retry.Reason) with
        {
            Name = retry.Name,
            Attempt = retry.Attempt,
            DelaySeconds = retry.Delay.TotalSeconds,
        },
        RetryAbandoned abandoned => View("session", "retry-abandoned", abandoned.Reason) with
        {
            Name = abandoned.Name,
            Attempt = abandoned.Refusals,
        },
        WaitsForTraffic waits => View(AreaOf(waits.Name), "waits-for-traffic", waits.Reason) with
        {
            Name = waits.Name,
            DelaySeconds = waits.HoldOff > TimeSpan.Zero ? waits.HoldOff.TotalSeconds : null,
        },
        DialledByTraffic { Name: var name } => View("session", "dialled-by-traffic", "a packet waits: it is set up") with { Name = name },
        RedirectionRefused refused => View(
            "tunnel", "redirection-refused", $"the LNS redirects to {refused.Target}, which the configuration does not permit") with
        {
            Name = refused.Name,
            Remote = refused.Remote.ToString(),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(operationsEvent)),
    };

    private static EventView OfDaemon(DaemonEvent daemonEvent) => daemonEvent switch
    {
        LookupFailed failed => View("tunnel", "lookup-failed", failed.Error) with { Name = failed.Host },
        SubscriberRefused refused => About(refused.Session, "authentication", "authentication-failed", refused.Reason) with
        {
            User = refused.User ?? refused.Session.User?.Name,
        },
        DataPlaneStarted started => View("data-plane", "data-plane-started", $"{started.Name}: {started.Reason}") with
        {
            Name = started.Name,
        },
        RadiusServerUp { Name: var up } => View("radius", "radius-server-up", "the server answers again") with { Name = up },
        RadiusServerDown { Name: var down } => View(
            "radius", "radius-server-down", "the server does not answer; other servers are asked first") with { Name = down },
        StrongSwanReached or StrongSwanLost or IpsecNotLoaded or IkeFailed or SecurityAssociationUp or SecurityAssociationDown =>
            OfIpsec(daemonEvent),
        ConfigurationReloaded reloaded => View("configuration", "configuration-reloaded", TextOf(reloaded)) with { By = reloaded.By },
        ConfigurationRefused refused => View("configuration", "configuration-refused", refused.Reason) with { By = refused.By },
        ShutDownStarted => View("daemon", "shut-down-started", "the daemon closes all tunnels and ends"),
        _ => View("daemon", "other", daemonEvent.GetType().Name),
    };

    private static EventView OfIpsec(DaemonEvent daemonEvent) => daemonEvent switch
    {
        StrongSwanReached => View("ipsec", "strongswan-reached", "strongSwan is reached, and our connections are being loaded"),
        StrongSwanLost lost => View("ipsec", "strongswan-lost", lost.Reason),
        IpsecNotLoaded refused => View("ipsec", "ipsec-not-loaded", $"strongSwan does not take the connection: {refused.Reason}") with
        {
            Name = refused.Connection,
        },
        IkeFailed failed => View("ipsec", "ike-failed", failed.Reason) with { Remote = failed.Peer },
        SecurityAssociationUp up => View("ipsec", "sa-up", $"{up.Identity} is authenticated by IKE; ESP with {up.Algorithms}") with
        {
            Name = up.Connection,
            Remote = up.Remote.ToString(),
        },
        SecurityAssociationDown down => View("ipsec", "sa-down", $"the security association of {down.Identity} has ended") with
        {
            Name = down.Connection,
            Remote = down.Remote.ToString(),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(daemonEvent)),
    };

    private static EventView View(string area, string kind, string text) =>
        new() { Number = 0, At = default, Area = area, Kind = kind, Text = text };

    private static EventView About(Tunnel tunnel, string area, string kind, string text) => View(area, kind, text) with
    {
        Name = tunnel.Name,
        Peer = tunnel.Profile.Name,
        Remote = ApiText.Of(tunnel.Path.Remote),
        HostName = tunnel.PeerIntroduction?.HostName,
        TunnelId = tunnel.LocalId.Value,
        PeerId = tunnel.PeerId.IsNone ? null : tunnel.PeerId.Value,
    };

    private static EventView About(Session session, string area, string kind, string text) => About(session.Tunnel, area, kind, text) with
    {
        Name = session.Name,
        Tunnel = session.Tunnel.Name,
        User = session.User?.Name,
        SessionId = session.LocalId.Value,
        PeerId = session.PeerId.IsNone ? null : session.PeerId.Value,
    };

    private static string RefusalText(MessageType carrier, ResultCode? result, string reason) =>
        EndReasonText.OfRefusal(carrier, result, reason);

    // Sessions are named TUNNEL/SESSION; names of configured tunnels have no slash.
    private static string AreaOf(string name) => name.Contains('/', StringComparison.Ordinal) ? "session" : "tunnel";

    private static string TextOf(ConfigurationReloaded reloaded) => string.Create(
        CultureInfo.InvariantCulture, $"the configuration is in force; {reloaded.Changed} tunnels, peers and PPP profiles changed");

    private static double? Up(Instant? establishedAt, long now) =>
        establishedAt is { } since ? Math.Max(0, now - since.Milliseconds) / 1_000.0 : null;
}
