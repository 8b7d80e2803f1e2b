using L2tpd.Engine.Events;

namespace L2tpd.Operations.History;

/// <summary>Which ends a stranger can cause by the thousand, with forged addresses: those of incoming tunnels that never got further than half-open.</summary>
public static class HalfOpenEnd
{
    /// <summary>True: it is such an end.</summary>
    public static bool Is(TunnelEnded ended) =>
        !ended.Tunnel.IsInitiator && ended.Tunnel.EstablishedAt == 0 && ended.Reason.Cause is EndCause.PeerUnreachable or EndCause.SetupTimeout;
}
