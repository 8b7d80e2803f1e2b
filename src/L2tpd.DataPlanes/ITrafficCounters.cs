using L2tpd.Engine.Addressing;
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

    /// <summary>
    /// Reads the last counters of a session, before the call of <see cref="IDataPlane.DestroySession"/> that follows takes effect;
    /// <c>null</c>: there is no such session. Loop thread only.
    /// </summary>
    async Task<TrafficCounters?> ReadLastAsync(SessionKey session)
    {
        // A plane with a worker carries out both in the order of the calls.
        var id = (session.Tunnel.LocalId, session.LocalId);
        var counters = await ReadAsync([id]).ConfigureAwait(false);
        return counters.TryGetValue(id, out var found) ? found : null;
    }
}

/// <summary>Counters of one session or tunnel since it was made. Octets include the L2TP header, without UDP and IP.</summary>
public readonly record struct TrafficCounters(
    ulong TransmitPackets, ulong TransmitBytes, ulong TransmitErrors,
    ulong ReceivePackets, ulong ReceiveBytes, ulong ReceiveErrors,
    ulong ReceiveSequenceDiscards, ulong ReceiveOutOfOrder, ulong ReceiveCookieDiscards, ulong ReceiveInvalid);
