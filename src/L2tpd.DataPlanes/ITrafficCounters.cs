namespace L2tpd.DataPlanes;

/// <summary>Reads counters of the data path.</summary>
public interface ITrafficCounters
{
    /// <summary>
    /// The counter of invalid data messages of a tunnel also counts its ZLBs: the kernel's does before Linux 6.11.
    /// </summary>
    bool CountsZlbsAsInvalid => false;

    /// <summary>
    /// Counters of these sessions, by our tunnel id and session id; session id 0 means the tunnel. Those that do not exist are left out.
    /// Any thread.
    /// </summary>
    Task<IReadOnlyDictionary<(uint Tunnel, uint Session),
    TrafficCounters>> ReadAsync(IReadOnlyCollection<(uint Tunnel, uint Session)> sessions);
}

/// <summary>Counters of one session or tunnel since it was made. Octets include the L2TP header, without UDP and IP.</summary>
public readonly record struct TrafficCounters(
    ulong TransmitPackets, ulong TransmitBytes, ulong TransmitErrors,
    ulong ReceivePackets, ulong ReceiveBytes, ulong ReceiveErrors,
    ulong ReceiveSequenceDiscards, ulong ReceiveOutOfOrder, ulong ReceiveCookieDiscards, ulong ReceiveInvalid);
