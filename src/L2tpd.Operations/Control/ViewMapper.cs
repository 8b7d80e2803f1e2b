using L2tpd.Control;
using L2tpd.Engine;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Operations.Control;

/// <summary>Engine objects to views. Pure; to be called on the loop thread. <c>now</c> is engine time, ms.</summary>
public static class ViewMapper
{
    public static TunnelView From(Tunnel tunnel, long now)
    {
        var peer = tunnel.PeerIntroduction;
        return new TunnelView
        {
            Name = tunnel.Name,
            Peer = tunnel.Profile.Name,
            LocalId = tunnel.LocalId,
            PeerId = tunnel.PeerId,
            Version = (int)tunnel.Version,
            Role = tunnel.IsStatic ? "static" : tunnel.IsInitiator ? "initiator" : "responder",
            State = Words.Of(tunnel.State),
            Local = Words.Of(tunnel.Path.Local),
            Remote = Words.Of(tunnel.Path.Remote),
            HostName = peer?.HostName,
            RouterId = Words.RouterId(tunnel.Version == ProtocolVersion.V3 ? peer?.RouterId : null),
            LocalRouterId = Words.RouterId(tunnel.LocalRouterId),
            VendorName = peer?.VendorName,
            FirmwareRevision = peer?.FirmwareRevision,
            ProtocolRevision = peer is null ? null : $"{peer.ProtocolVersion >> 8}.{peer.ProtocolVersion & 0xFF}",
            PeerReceiveWindow = peer is null ? null : peer.ReceiveWindowSize ?? 4,
            FramingCapabilities = peer is null ? null : Words.Of(peer.FramingCapabilities),
            BearerCapabilities = Words.Of(peer?.BearerCapabilities),
            ControlConnectionDs = peer?.ControlConnectionDs,
            Failover = peer?.FailoverCapability is { } f ? new FailoverView(f.ControlChannel, f.DataChannel, f.RecoveryTimeMilliseconds) : null,
            EcnCapability = peer is { EcnCapability: true } ? true : null,
            PppoeRelayResponseCapability = Words.Hex(peer?.PppoeRelayResponseCapability),
            PppoeRelayForwardCapability = Words.Hex(peer?.PppoeRelayForwardCapability),
            PeerSilent = tunnel.IsPeerSilent,
            Problem = Problems.Of(tunnel),
            Authenticated = tunnel.IsAuthenticated,
            Sessions = tunnel.Sessions.Count,
            UpSeconds = Words.Seconds(tunnel.State == TunnelState.Established, tunnel.EstablishedAt, now),
            LastSocketError = tunnel.LastSocketError,
            Counters = From(tunnel.Counters),
        };
    }

    public static SessionView From(Session session, long now) => new()
    {
        Name = session.Name,
        Tunnel = session.Tunnel.Name,
        Peer = session.Tunnel.Profile.Name,
        TunnelId = session.Tunnel.LocalId,
        LocalId = session.LocalId,
        PeerId = session.PeerId,
        Role = Words.Of(session.Role),
        State = Words.Of(session.State),
        Data = Words.Of(session.Data),
        UpSeconds = Words.Seconds(session is { State: SessionState.Established, Data: >= DataState.Created }, session.EstablishedAt, now),
        Interface = session.Interface,
        LocalAddress = session.LocalAddress,
        PeerAddress = session.PeerAddress,
        NameServers = session.NameServers?.Split(' '),
        Ppp = session.Profile.Ppp,
        Sequencing = new SequencingView(
            session.Profile.Sequencing, session.Connected?.SequencingRequired ?? false, session.Profile.ReorderTimeout.TotalMilliseconds),
        Pseudowire = CallFacts.Pseudowire(session.Pseudowire),
        Call = CallFacts.Call(session.Request),
        Connect = CallFacts.Connect(session.Connected),
        ProxyLcp = CallFacts.ProxyLcp((session.Connected as Iccn)?.ProxyLcp),
        ProxyAuthentication = CallFacts.ProxyAuthentication((session.Connected as Iccn)?.ProxyAuthentication),
        DslLine = CallFacts.DslLine((session.Request as Icrq)?.DslLine),
        CallErrors = CallFacts.Errors(session.CallErrors),
        Accm = CallFacts.Accm(session.Accm),
    };

    public static TunnelCountersView From(TunnelCounters counters) => new()
    {
        MessagesSent = counters.MessagesSent,
        MessagesReceived = counters.MessagesReceived,
        Retransmissions = counters.Retransmissions,
        Duplicates = counters.Duplicates,
        OutOfOrder = counters.OutOfOrder,
        ZlbsSent = counters.ZlbsSent,
        ZlbsReceived = counters.ZlbsReceived,
        HellosSent = counters.HellosSent,
        WrongSource = counters.WrongSource,
        Malformed = counters.Malformed,
        DigestFailures = counters.DigestFailures,
    };

    public static EngineCountersView From(EngineCounters counters) => new()
    {
        DatagramsReceived = counters.DatagramsReceived,
        DatagramsSent = counters.DatagramsSent,
        DataDropped = counters.DataDropped,
        MalformedHeaders = counters.MalformedHeaders,
        UnknownVersion = counters.UnknownVersion,
        UnknownTunnel = counters.UnknownTunnel,
        WrongSource = counters.WrongSource,
        RateLimited = counters.RateLimited,
        HalfOpenLimited = counters.HalfOpenLimited,
        TunnelsRefused = counters.TunnelsRefused,
        TunnelsEstablished = counters.TunnelsEstablished,
        SessionsEstablished = counters.SessionsEstablished,
        SessionsRefused = counters.SessionsRefused,
        DigestFailures = counters.DigestFailures,
    };

    /// <param name="limits">The engine's limits in force.</param>
    /// <param name="maxDescriptors">The process's descriptor limit; null: not known.</param>
    public static LimitsView From(EngineLimits limits, long? maxDescriptors) => new()
    {
        MaxTunnels = limits.MaxTunnels,
        MaxSessions = limits.MaxSessions,
        MaxHalfOpen = limits.MaxHalfOpen,
        MaxHalfOpenPerSource = limits.MaxHalfOpenPerSource,
        SccrqRatePerSource = limits.SccrqRatePerSource,
        SccrqBurstPerSource = limits.SccrqBurstPerSource,
        RefusalRate = limits.RefusalRate,
        MaxDescriptors = maxDescriptors,
    };
}
