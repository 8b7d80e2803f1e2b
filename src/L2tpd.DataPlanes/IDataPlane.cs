using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Linux.Loop;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes;

/// <summary>
/// Carries data messages. A data plane owns the state of tunnels and sessions in the data path, in the kernel or in this process. Every
/// member is called on the loop's thread unless its comment says otherwise. Calls that may block run on a worker of the data plane. Results
/// go to the engine as inputs with the key of the request; the engine drops a result whose key is no longer valid. An ability that only
/// some data planes have is a capability: a property that is <c>null</c> if the data plane lacks it. No caller tests the type of a data
/// plane.
/// </summary>
public interface IDataPlane : IDisposable
{
    /// <summary>The choice of the configuration that stands for this data plane; a reload cannot change it.</summary>
    DataPlaneChoice Choice { get; }

    /// <summary>The value of <c>data-plane</c> in the configuration: <c>kernel</c>, <c>userspace</c>, <c>null</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Number of tunnels and sessions that are not removed yet, including destroyed ones. Zero when a shutdown is complete.
    /// </summary>
    int Remaining { get; }

    /// <summary>Lends PPPoL2TP sockets of the kernel; <c>null</c> if there are none.</summary>
    IPppSockets? PppSockets => null;

    /// <summary>Delivers the frames of PPP sessions to this process; <c>null</c> if the frames do not reach this process.</summary>
    ISessionPorts? Ports => null;

    /// <summary>Takes data messages from the daemon's own sockets; <c>null</c> if the kernel takes them, or nothing does.</summary>
    IDataMessages? Messages => null;

    /// <summary>Counts packets; <c>null</c> if no data is carried.</summary>
    ITrafficCounters? Traffic => null;

    /// <summary>Observes the engine's events; <c>null</c> if the data plane needs none.</summary>
    IEventObserver? Events => null;

    /// <summary>Starts to watch interfaces, and deletions by other programs. To be called once, before the loop runs.</summary>
    void Start(EventLoop events, FaultLog faults)
    {
        // This data plane watches nothing.
    }

    /// <summary>Makes the tunnel. An input with its key follows.</summary>
    void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters);

    /// <summary>Removes the tunnel, whose sessions were destroyed before.</summary>
    void DestroyTunnel(TunnelKey tunnel);

    /// <summary>Closes the tunnel's socket as soon as the data plane no longer needs it.</summary>
    void CloseTransport(TunnelKey tunnel);

    /// <summary>Makes the session. An input with its key follows.</summary>
    void CreateSession(SessionKey session, SessionParameters parameters);

    /// <summary>Removes the session as soon as its borrowed socket was returned.</summary>
    void DestroySession(SessionKey session);

    /// <summary>Sets the session's interface up, or down without removing it. A data plane without interfaces ignores the call.</summary>
    void SetLink(SessionKey session, bool up)
    {
        // This data plane has no interfaces.
    }
}
