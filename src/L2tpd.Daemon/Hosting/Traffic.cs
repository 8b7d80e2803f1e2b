using L2tpd.Control;
using L2tpd.Daemon.Control;
using L2tpd.Daemon.DataPlanes;
using L2tpd.Linux.Netlink;

namespace L2tpd.Daemon.Hosting;

/// <summary>Adds the data plane's counters to the sessions or tunnels of one page.</summary>
internal static class Traffic
{
    /// <summary>A busy kernel must not delay the list, which then has no counters.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    /// <summary>Adds the counters of each session that the data plane has.</summary>
    public static async Task<IReadOnlyList<SessionView>> AddAsync(
        IDataPlane dataPlane, IReadOnlyList<SessionView> sessions, CancellationToken cancellation)
    {
        (uint, uint)[] ids = [.. sessions.Select(static session => (session.TunnelId, session.LocalId))];
        var counters = await ReadAsync(dataPlane, ids, cancellation).ConfigureAwait(false);
        return [.. sessions.Select(session => counters.TryGetValue((session.TunnelId, session.LocalId), out var found)
            ? session with { Traffic = From(found) }
            : session)];
    }

    /// <summary>Adds the counters of each tunnel that the data plane has.</summary>
    public static async Task<IReadOnlyList<TunnelView>> AddAsync(
        IDataPlane dataPlane, IReadOnlyList<TunnelView> tunnels, CancellationToken cancellation)
    {
        (uint, uint)[] ids = [.. tunnels.Select(static tunnel => (tunnel.LocalId, 0u))];
        var counters = await ReadAsync(dataPlane, ids, cancellation).ConfigureAwait(false);
        return [.. tunnels.Select(tunnel => counters.TryGetValue((tunnel.LocalId, 0), out var found)
            ? tunnel with { Traffic = From(dataPlane.CountsZlbsAsInvalid ? WithoutZlbs(found, tunnel) : found) }
            : tunnel)];
    }

    /// <summary>Reads counters by our tunnel id and session id; empty where the data plane has none or does not answer in time.</summary>
    public static async Task<SessionStatistics> ReadAsync(
        IDataPlane dataPlane, (uint Tunnel, uint Session)[] ids, CancellationToken cancellation)
    {
        if (dataPlane is NullDataPlane || ids.Length == 0)
            return [];
        try
        {
            return await dataPlane.ReadStatisticsAsync(ids).WaitAsync(LongestWait, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    private static L2tpStatistics WithoutZlbs(in L2tpStatistics statistics, TunnelView tunnel) =>
        TrafficCounters.WithoutZlbs(statistics, tunnel.Counters["zlbsReceived"]);

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
        ReceiveCookieDiscards = statistics.ReceiveCookieDiscards,
        ReceiveInvalid = statistics.ReceiveInvalid,
    };
}
