using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.DataPlanes;

/// <summary>Carries data messages, or does not. Loop thread only, unless said otherwise; results go to the engine as inputs.</summary>
public interface IDataPlane : IDisposable
{
    /// <summary>As in the configuration: <c>kernel</c>, <c>null</c>.</summary>
    string Name { get; }

    /// <summary>Tunnels and sessions not gone yet, destroyed ones included: zero when a shutdown is complete.</summary>
    int Remaining { get; }

    void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters);

    /// <summary>The tunnel ends; its sessions were destroyed before.</summary>
    void DestroyTunnel(TunnelKey tunnel);

    /// <summary>The tunnel's socket may be closed, as soon as the data plane no longer needs it.</summary>
    void CloseTransport(TunnelKey tunnel);

    void CreateSession(SessionKey session, SessionParameters parameters);

    void DestroySession(SessionKey session);

    /// <summary>The session's interface shall be up, or down and still there. A data plane without interfaces has nothing to do.</summary>
    void SetLink(SessionKey session, bool up)
    {
        // Nothing to set up or down.
    }

    /// <summary>The session's PPPoL2TP socket for a PPP process, which then holds the session until <see cref="ReturnPppSocket"/>; null: there is none.</summary>
    FileDescriptor? BorrowPppSocket(SessionKey session);

    /// <summary>The PPP process is gone.</summary>
    void ReturnPppSocket(SessionKey session);

    /// <summary>The counter of invalid data messages of a tunnel counts its ZLBs as well.</summary>
    bool CountsZlbsAsInvalid => false;

    /// <summary>Counters of these sessions, by our tunnel id and session id, and with session id 0 of these tunnels; those it does not know are left out. Any thread.</summary>
    Task<SessionStatistics> ReadStatisticsAsync(IReadOnlyCollection<(uint Tunnel, uint Session)> sessions);
}

/// <summary>Counters by our tunnel id and session id.</summary>
public sealed class SessionStatistics : Dictionary<(uint Tunnel, uint Session), L2tpStatistics>;
