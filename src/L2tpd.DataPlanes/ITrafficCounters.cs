using L2tpd.Protocol;

namespace L2tpd.DataPlanes;

/// <summary>Reads counters of the data path.</summary>
public interface ITrafficCounters
{
    /// <summary>Whether the counter of a tunnel's invalid data messages also counts ZLBs, as in Linux before 6.11.</summary>
    bool CountsZlbsAsInvalid => false;

    /// <summary>
    /// Reads the counters of these sessions, by our tunnel id and session id; session id 0 means the tunnel. Sessions that do not exist are
    /// left out. Any thread.
    /// </summary>
    Task<IReadOnlyDictionary<(TunnelId Tunnel, SessionId Session),
    TrafficCounters>> ReadAsync(IReadOnlyCollection<(TunnelId Tunnel, SessionId Session)> sessions);
}

/// <summary>Counters of one session or tunnel since it was made. Octets include the L2TP header, without UDP and IP.</summary>
public readonly record struct TrafficCounters(
    ulong TransmitPackets, ulong TransmitBytes, ulong TransmitErrors,
    ulong ReceivePackets, ulong ReceiveBytes, ulong ReceiveErrors,
    ulong ReceiveSequenceDiscards, ulong ReceiveOutOfOrder, ulong ReceiveCookieDiscards, ulong ReceiveInvalid);
