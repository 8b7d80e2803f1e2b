using L2tpd.Control;
using L2tpd.Daemon.DataPlanes;
using L2tpd.Linux.Netlink;

namespace L2tpd.Daemon.Hosting;

/// <summary>Adds the data plane's counters to the sessions of one page.</summary>
internal static class Traffic
{
    /// <summary>A kernel that is busy must not hold up the list: it then comes without counters.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<SessionView>> AddAsync(IDataPlane dataPlane, IReadOnlyList<SessionView> sessions, CancellationToken cancellation)
    {
        if (dataPlane is NullDataPlane || sessions.Count == 0)
            return sessions;
        try
        {
            var ids = sessions.Select(session => (session.TunnelId, session.LocalId)).ToArray();
            var counters = await dataPlane.ReadStatisticsAsync(ids).WaitAsync(Patience, cancellation).ConfigureAwait(false);
            return [.. sessions.Select(session => counters.TryGetValue((session.TunnelId, session.LocalId), out var found)
                ? session with { Traffic = From(found) }
                : session)];
        }
        catch (TimeoutException)
        {
            return sessions;
        }
    }

    private static TrafficView From(in L2tpStatistics statistics) => new()
    {
        TransmitPackets = statistics.TransmitPackets,
        TransmitOctets = statistics.TransmitBytes,
        TransmitErrors = statistics.TransmitErrors,
        ReceivePackets = statistics.ReceivePackets,
        ReceiveOctets = statistics.ReceiveBytes,
        ReceiveErrors = statistics.ReceiveErrors,
        ReceiveSequenceDiscards = statistics.ReceiveSequenceDiscards,
        ReceiveOutOfOrder = statistics.ReceiveOutOfOrder,
    };
}
