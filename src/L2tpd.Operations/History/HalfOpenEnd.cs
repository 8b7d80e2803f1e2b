using L2tpd.Engine.Events;

namespace L2tpd.Operations.History;

/// <summary>Ends of incoming tunnels that were never established: a stranger can cause thousands of them with forged addresses.</summary>
public static class HalfOpenEnd
{
    public static bool Is(TunnelEnded ended) =>
        !ended.Tunnel.IsInitiator
        && ended.Tunnel.EstablishedAt is null
        && ended.Reason.Cause is EndCause.PeerUnreachable or EndCause.SetupTimeout;
}
