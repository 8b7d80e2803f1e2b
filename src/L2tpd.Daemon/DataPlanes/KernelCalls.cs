using L2tpd.Daemon.Loop;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Ppp;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;

namespace L2tpd.Daemon.DataPlanes;

/// <summary>The calls into the kernel, one after the other on the netlink worker's thread.</summary>
internal sealed class KernelCalls(L2tpNetlink netlink, KernelLedger ledger)
{
    /// <summary>TUNNEL_CREATE over the connected socket, UDP or L2TP/IP.</summary>
    public LinuxError MakeTunnel(KernelTunnel tunnel)
    {
        var parameters = tunnel.Parameters;
        ledger.TunnelComing(new LedgerTunnel(parameters.LocalId, parameters.PeerId));
        var error = netlink.CreateTunnel(new L2tpTunnelRequest
        {
            TunnelId = parameters.LocalId,
            PeerTunnelId = parameters.PeerId,
            Version = VersionNumber(parameters.Version),
            Encapsulation = parameters.Path.Remote.IsOverIp ? L2tpEncapsulation.Ip : L2tpEncapsulation.Udp,
            Socket = tunnel.Socket,
        });
        tunnel.IsMade = error.IsNone;
        if (!error.IsNone)
            ledger.TunnelGone(parameters.LocalId);
        return error;
    }

    /// <summary>TUNNEL_DELETE; one that is gone already is fine.</summary>
    public LinuxError DeleteTunnel(KernelTunnel tunnel)
    {
        if (!tunnel.IsMade)
            return LinuxError.None;
        var error = netlink.DeleteTunnel(tunnel.Parameters.LocalId);
        if (!IsGone(error))
            return error;
        ledger.TunnelGone(tunnel.Parameters.LocalId);
        return LinuxError.None;
    }

    /// <summary>SESSION_CREATE, and the PPPoL2TP socket connected to it.</summary>
    public LinuxError MakeSession(KernelSession session, out PppoxSocket? socket)
    {
        socket = null;
        var (tunnel, parameters) = (session.Tunnel.Parameters, session.Parameters);
        var error = netlink.CreateSession(new L2tpSessionRequest
        {
            TunnelId = tunnel.LocalId,
            SessionId = parameters.LocalId,
            PeerSessionId = parameters.PeerId,
            Pseudowire = (L2tpPseudowire)parameters.Pseudowire,
            SendSequence = parameters.SendSequence,
            ReceiveSequence = parameters.RequireSequence,
            LnsMode = parameters.LnsMode,
            ReorderTimeout = parameters.ReorderTimeout,
        });
        if (!error.IsNone || parameters.Pseudowire != PseudowireType.Ppp)
            return error;
        error = PppoxSocket.TryConnect(AddressOf(tunnel, parameters), out socket);
        if (!error.IsNone)
            netlink.DeleteSession(tunnel.LocalId, parameters.LocalId);
        return error;
    }

    /// <summary>Closes our descriptor of the PPPoL2TP socket and deletes the session; one that is gone already is fine.</summary>
    public LinuxError DeleteSession(KernelSession session)
    {
        session.Socket?.Dispose();
        var error = netlink.DeleteSession(session.Tunnel.Parameters.LocalId, session.Parameters.LocalId);
        return IsGone(error) ? LinuxError.None : error;
    }

    /// <summary>SESSION_GET for each, TUNNEL_GET where the session id is 0: counters.</summary>
    public SessionStatistics ReadStatistics(IEnumerable<(uint Tunnel, uint Session)> sessions)
    {
        var statistics = new SessionStatistics();
        foreach (var (tunnel, session) in sessions)
        {
            if (session == 0 && netlink.GetTunnel(tunnel, out var whole).IsNone)
                statistics[(tunnel, 0)] = whole!.Statistics;
            else if (session != 0 && netlink.GetSession(tunnel, session, out var found).IsNone)
                statistics[(tunnel, session)] = found!.Statistics;
        }

        return statistics;
    }

    /// <summary>SESSION_GET says that there is none.</summary>
    public bool IsSessionGone(KernelSession session) =>
        netlink.GetSession(session.Tunnel.Parameters.LocalId, session.Parameters.LocalId, out _).Errno is Errno.ENODEV or Errno.ENOENT;

    /// <summary>TUNNEL_GET says that there is none.</summary>
    public bool IsTunnelGone(KernelTunnel tunnel) => netlink.GetTunnel(tunnel.Parameters.LocalId, out _).Errno is Errno.ENODEV or Errno.ENOENT;

    private static bool IsGone(LinuxError error) => error.Errno is 0 or Errno.ENODEV or Errno.ENOENT;

    private static PppoxAddress AddressOf(TunnelParameters tunnel, SessionParameters session) => new(
        VersionNumber(tunnel.Version), -1, tunnel.Path.Remote.ToSockAddr(),
        tunnel.LocalId, session.LocalId, tunnel.PeerId, session.PeerId);

    private static byte VersionNumber(ProtocolVersion version) => version == ProtocolVersion.V3 ? (byte)3 : (byte)2;
}
