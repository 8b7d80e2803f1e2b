using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;
using L2tpd.Runtime.Processes;

namespace L2tpd.Operations.Control;

/// <summary>Engine objects to views. Loop thread only; <c>now</c> is engine time, ms.</summary>
public static class ViewMapper
{
    public static TunnelView From(Tunnel tunnel, long now)
    {
        var peer = tunnel.PeerIntroduction;
        return new TunnelView
        {
            Name = tunnel.Name,
            Peer = tunnel.Profile.Name,
            LocalId = tunnel.LocalId.Value,
            PeerId = tunnel.PeerId.Value,
            Version = (int)tunnel.Version,
            Role = tunnel.IsStatic ? "static" : tunnel.IsInitiator ? "initiator" : "responder",
            State = ApiText.Of(tunnel.State),
            Local = ApiText.Of(tunnel.Path.Local),
            Remote = ApiText.Of(tunnel.Path.Remote),
            Ipsec = tunnel.Path.Remote.IsProtected ? "required" : null,
            IpsecMark = tunnel.Path.Remote.Mark == 0 ? null : $"0x{tunnel.Path.Remote.Mark:x}",
            HostName = peer?.HostName,
            RouterId = ApiText.RouterId(tunnel.Version == ProtocolVersion.V3 ? peer?.RouterId : null),
            LocalRouterId = ApiText.RouterId(tunnel.LocalRouterId),
            VendorName = peer?.VendorName,
            FirmwareRevision = peer?.FirmwareRevision,
            ProtocolRevision = peer is null ? null : $"{peer.ProtocolVersion >> 8}.{peer.ProtocolVersion & 0xFF}",
            PeerReceiveWindow = peer is null ? null : peer.ReceiveWindowSize ?? 4,
            FramingCapabilities = peer is null ? null : ApiText.Of(peer.FramingCapabilities),
            BearerCapabilities = ApiText.Of(peer?.BearerCapabilities),
            ControlConnectionDs = peer?.ControlConnectionDs,
            Failover = peer?.FailoverCapability is { } f
                ? new FailoverView(f.ControlChannel, f.DataChannel, f.RecoveryTimeMilliseconds)
                : null,
            EcnCapability = peer is { EcnCapability: true } ? true : null,
            PppoeRelayResponseCapability = ApiText.Hex(peer?.PppoeRelayResponseCapability),
            PppoeRelayForwardCapability = ApiText.Hex(peer?.PppoeRelayForwardCapability),
            PeerSilent = tunnel.IsPeerSilent,
            Problem = TunnelProblem.Of(tunnel),
            Authenticated = tunnel.IsAuthenticated,
            Sessions = tunnel.Sessions.Count,
            UpSeconds = ApiText.Seconds(tunnel.State == TunnelState.Established, tunnel.EstablishedAt, now),
            LastSocketError = tunnel.LastSocketError,
            RoundTripMilliseconds = tunnel.RoundTrip?.TotalMilliseconds,
            Window = tunnel.Window,
            Outstanding = tunnel.Outstanding,
            Counters = TunnelCounterTable.View(tunnel.Counters),
        };
    }

    public static SessionView From(Session session, long now) => new()
    {
        Name = session.Name,
        Tunnel = session.Tunnel.Name,
        Peer = session.Tunnel.Profile.Name,
        TunnelId = session.Tunnel.LocalId.Value,
        LocalId = session.LocalId.Value,
        PeerId = session.PeerId.Value,
        Role = ApiText.Of(session.Role),
        State = ApiText.Of(session.State),
        Data = ApiText.Of(session.Data),
        UpSeconds = ApiText.Seconds(session is { State: SessionState.Established, Data: >= DataState.Created }, session.EstablishedAt, now),
        Interface = session.Interface,
        LocalAddress = session.LocalAddress,
        PeerAddress = session.PeerAddress,
        NameServers = session.NameServers?.Split(' '),
        User = session.User?.Name,
        Ipv6Address = session.User?.Ipv6Address,
        Prefixes = session.User?.Prefixes?.Split(' '),
        Mtu = session.User?.Mtu,
        MtuOfEsp = session.User?.MtuOfEsp,
        AccountingId = session.User?.AccountingId,
        CircuitId = LineText.CircuitId(session),
        MacAddress = LineText.MacAddress(session),
        Ppp = session.Profile.Ppp,
        RateToPeer = session.Rates.ToPeer,
        RateFromPeer = session.Rates.FromPeer,
        Sequencing = new SequencingView(
            session.Profile.Sequencing, session.Connected?.SequencingRequired ?? false, session.Profile.ReorderTimeout.TotalMilliseconds),
        Pseudowire = CallViews.Pseudowire(session.Pseudowire),
        Call = CallViews.Call(session.Request),
        Connect = CallViews.Connect(session.Connected),
        ProxyLcp = CallViews.ProxyLcp((session.Connected as Iccn)?.ProxyLcp),
        ProxyAuthentication = CallViews.ProxyAuthentication((session.Connected as Iccn)?.ProxyAuthentication),
        DslLine = CallViews.DslLine((session.Request as Icrq)?.DslLine),
        CallErrors = CallViews.Errors(session.CallErrors),
        Accm = CallViews.Accm(session.Accm),
    };

    /// <summary>The view of the limits in force.</summary>
    /// <param name="limits">The engine's limits.</param>
    /// <param name="maxDescriptors">The process's descriptor limit; <c>null</c> if it is not known.</param>
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
