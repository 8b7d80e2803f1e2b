using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Linux.Loop;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes;

/// <summary>
/// Carries data messages. It owns what the engine asks it to make: a tunnel's and a session's place in the data path, in the kernel or in
/// this process. Every member is called on the loop's thread, unless its comment says otherwise; what may block runs on a worker of the
/// data plane's own, and results go to the engine as inputs with the key of the request, so that a late result finds nobody. What a data
/// plane can do beyond that it hands out as a capability: a property that is <c>null</c> where it cannot. Nobody asks which data plane it
/// is.
/// </summary>
public interface IDataPlane : IDisposable
{
    /// <summary>Which one it is, for the configuration, which says what a reload may not change.</summary>
    DataPlaneChoice Choice { get; }

    /// <summary>The word of the configuration: <c>kernel</c>, <c>userspace</c>, <c>null</c>.</summary>
    string Name { get; }

    /// <summary>Tunnels and sessions that are not removed yet, including destroyed ones. Zero when a shutdown is complete.</summary>
    int Remaining { get; }

    /// <summary>Lends PPPoL2TP sockets of the kernel; <c>null</c>: there are none.</summary>
    IPppSockets? PppSockets => null;

    /// <summary>Hands the frames of PPP sessions to this process; <c>null</c>: they do not come here.</summary>
    ISessionPorts? Ports => null;

    /// <summary>Takes data messages off the daemon's own sockets; <c>null</c>: the kernel does, or nobody.</summary>
    IDataMessages? Messages => null;

    /// <summary>Counts packets; <c>null</c>: no data is carried.</summary>
    ITrafficCounters? Traffic => null;

    /// <summary>Follows the engine's events; <c>null</c>: it needs none.</summary>
    IEventObserver? Events => null;

    /// <summary>Starts watching interfaces and deletions by others; once, before the loop runs.</summary>
    void Start(EventLoop events, FaultLog faults)
    {
        // There is nothing to watch.
    }

    /// <summary>Makes the tunnel; an input with its key follows.</summary>
    void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters);

    /// <summary>Removes the tunnel; its sessions were destroyed before.</summary>
    void DestroyTunnel(TunnelKey tunnel);

    /// <summary>Closes the tunnel's socket as soon as the data plane no longer needs it.</summary>
    void CloseTransport(TunnelKey tunnel);

    /// <summary>Makes the session; an input with its key follows.</summary>
    void CreateSession(SessionKey session, SessionParameters parameters);

    /// <summary>Removes the session, once nobody uses what was lent of it.</summary>
    void DestroySession(SessionKey session);

    /// <summary>Sets the session's interface up, or down without removing it. A data plane without interfaces ignores it.</summary>
    void SetLink(SessionKey session, bool up)
    {
        // There is no interface.
    }
}
