using L2tpd.Protocol;

namespace L2tpd.Operations.Sessions;

/// <summary>The ids of a session: our tunnel id and our session id.</summary>
public readonly record struct SessionIds(TunnelId Tunnel, SessionId Session);

/// <summary>Octets that a session has carried since it was created; both 0 where the data plane does not count.</summary>
/// <param name="ToPeer">Sent.</param>
/// <param name="FromPeer">Received.</param>
public readonly record struct SessionOctets(ulong ToPeer, ulong FromPeer)
{
    /// <summary>Both directions.</summary>
    public double Total => (double)ToPeer + FromPeer;
}
