using L2tpd.DataPlanes.Interfaces;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Ppp;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Loop;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>The calls to the kernel, one after another on the netlink worker's thread.</summary>
internal sealed class KernelCalls(L2tpNetlink netlink, PseudowireInterfaces interfaces, KernelLedger ledger)
{
    /// <summary>TUNNEL_CREATE over the connected socket, UDP or L2TP/IP.</summary>
    public LinuxError MakeTunnel(KernelTunnel tunnel)
    {
        var parameters = tunnel.Parameters;
        ledger.TunnelComing(new LedgerTunnel(parameters.LocalId, parameters.PeerId));
        var error = netlink.CreateTunnel(new L2tpTunnelRequest
        {
            TunnelId = parameters.LocalId.Value,
            PeerTunnelId = parameters.PeerId.Value,
            Version = VersionNumber(parameters.Version),
            Encapsulation = parameters.Path.Remote.IsOverIp ? L2tpEncapsulation.Ip : L2tpEncapsulation.Udp,
            Socket = tunnel.Socket,
        });
        tunnel.IsMade = error.IsNone;
        if (!error.IsNone)
            ledger.TunnelDeleted(parameters.LocalId);
        return error;
    }

    /// <summary>TUNNEL_DELETE; no error if the tunnel does not exist.</summary>
    public LinuxError DeleteTunnel(KernelTunnel tunnel)
    {
        if (!tunnel.IsMade)
            return LinuxError.None;
        var error = netlink.DeleteTunnel(tunnel.Parameters.LocalId.Value);
        if (!IsGone(error))
            return error;
        ledger.TunnelDeleted(tunnel.Parameters.LocalId);
        return LinuxError.None;
    }

    /// <summary>
    /// SESSION_CREATE, and then the PPPoL2TP socket, or the configuration of the interface. If one step fails, all of it is removed.
    /// </summary>
    public SessionMade MakeSession(KernelSession session)
    {
        // The device of tagged frames is made after the session, so its name is checked first.
        if (session.Parameters.Settings?.Vlan is not null && NameTaken(session) is { } taken)
            return taken;
        var error = netlink.CreateSession(RequestFor(session));
        if (error.Errno == Errno.EEXIST && NameTaken(session) is { } collision)
            return collision;
        if (!error.IsNone)
            return SessionMade.Refused(error);
        var made = session.Parameters.Pseudowire == PseudowireType.Ppp ? ConnectPpp(session) : MakeInterface(session);
        if (made.Problem is not null)
            netlink.DeleteSession(session.Tunnel.Parameters.LocalId.Value, session.Parameters.LocalId.Value);
        return made;
    }

    /// <summary>Closes our descriptor of the PPPoL2TP socket and deletes the session; no error if the session does not exist.</summary>
    public LinuxError DeleteSession(KernelSession session)
    {
        session.Socket?.Dispose();
        var error = netlink.DeleteSession(session.Tunnel.Parameters.LocalId.Value, session.Parameters.LocalId.Value);
        return IsGone(error) ? LinuxError.None : error;
    }

    /// <summary>SESSION_GET for each, TUNNEL_GET where the session id is 0: counters.</summary>
    public Dictionary<(TunnelId Tunnel, SessionId Session), TrafficCounters> ReadCounters(
        IEnumerable<(TunnelId Tunnel, SessionId Session)> sessions)
    {
        var counters = new Dictionary<(TunnelId Tunnel, SessionId Session), TrafficCounters>();
        foreach (var (tunnel, session) in sessions)
        {
            if (session.IsNone && netlink.GetTunnel(tunnel.Value, out var whole).IsNone)
                counters[(tunnel, SessionId.None)] = CountersOf(whole!.Statistics);
            else if (!session.IsNone && netlink.GetSession(tunnel.Value, session.Value, out var found).IsNone)
                counters[(tunnel, session)] = CountersOf(found!.Statistics);
        }

        return counters;
    }

    /// <summary>SESSION_GET reports that the session does not exist.</summary>
    public bool IsSessionDeleted(KernelSession session) =>
        netlink.GetSession(session.Tunnel.Parameters.LocalId.Value, session.Parameters.LocalId.Value, out _).Errno
            is Errno.ENODEV or Errno.ENOENT;

    /// <summary>TUNNEL_GET reports that the tunnel does not exist.</summary>
    public bool IsTunnelDeleted(KernelTunnel tunnel) =>
        netlink.GetTunnel(tunnel.Parameters.LocalId.Value, out _).Errno is Errno.ENODEV or Errno.ENOENT;

    private static TrafficCounters CountersOf(in L2tpStatistics statistics) => new(
        statistics.TransmitPackets, statistics.TransmitBytes, statistics.TransmitErrors,
        statistics.ReceivePackets, statistics.ReceiveBytes, statistics.ReceiveErrors,
        statistics.ReceiveSequenceDiscards, statistics.ReceiveOutOfOrder, statistics.ReceiveCookieDiscards, statistics.ReceiveInvalid);

    private static L2tpSessionRequest RequestFor(KernelSession session)
    {
        var parameters = session.Parameters;
        var settings = parameters.Settings;
        return new L2tpSessionRequest
        {
            TunnelId = session.Tunnel.Parameters.LocalId.Value,
            SessionId = parameters.LocalId.Value,
            PeerSessionId = parameters.PeerId.Value,
            // Linux has no driver for VLAN pseudowires: their frames are Ethernet frames with the tag in them (RFC 4719).
            Pseudowire = parameters.Pseudowire == PseudowireType.EthernetVlan ? L2tpPseudowire.Ethernet
                : (L2tpPseudowire)parameters.Pseudowire,
            // The same sublayer for both directions: the engine agrees on nothing else (EngineConfiguration.SublayersMustBeEqual).
            L2SpecificSublayer = settings?.Sublayer == L2SpecificSublayer.Default,
            // Each end chooses the cookie that it wants to receive: the kernel's "cookie" is the peer's, its "peer cookie" is ours.
            Cookie = settings?.PeerCookie,
            PeerCookie = settings?.LocalCookie,
            SendSequence = parameters.SendSequence,
            ReceiveSequence = parameters.RequireSequence,
            LnsMode = parameters.LnsMode,
            ReorderTimeout = parameters.ReorderTimeout,
            // The device below a device of tagged frames keeps the name that the kernel chose.
            InterfaceName = settings?.Vlan is null ? session.InterfaceName : null,
        };
    }

    private SessionMade? NameTaken(KernelSession session) => session.InterfaceName is { } name && interfaces.Exists(name)
        ? new SessionMade($"an interface {name} exists already", false, null) { IsCollision = true }
        : null;

    private static SessionMade ConnectPpp(KernelSession session)
    {
        var error = PppoxSocket.TryConnect(AddressOf(session.Tunnel.Parameters, session.Parameters), out var socket);
        return error.IsNone ? new SessionMade(null, false, socket) : SessionMade.Refused(error);
    }

    private SessionMade MakeInterface(KernelSession session)
    {
        if (session.Parameters.Settings is not { } settings)
            return default;
        var error = netlink.GetSession(session.Tunnel.Parameters.LocalId.Value, session.Parameters.LocalId.Value, out var found);
        if (error.IsNone && found!.InterfaceName is null)
            error = new LinuxError(Errno.ENODEV, "SESSION_GET", "no interface name");
        if (!error.IsNone)
            return SessionMade.Refused(error);
        var problem = interfaces.SetUp(settings, found!.InterfaceName!, session.InterfaceName, out var made);
        session.Interface = made;
        return new SessionMade(problem is null ? null : $"the session's interface cannot be made: {problem}", false, null);
    }

    private static bool IsGone(LinuxError error) => error.Errno is 0 or Errno.ENODEV or Errno.ENOENT;

    private static PppoxAddress AddressOf(TunnelParameters tunnel, SessionParameters session) => new(
        VersionNumber(tunnel.Version), -1, tunnel.Path.Remote.ToSockAddr(),
        tunnel.LocalId.Value, session.LocalId.Value, tunnel.PeerId.Value, session.PeerId.Value);

    private static byte VersionNumber(ProtocolVersion version) => version == ProtocolVersion.V3 ? (byte)3 : (byte)2;
}
