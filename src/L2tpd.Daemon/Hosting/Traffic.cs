using L2tpd.Control;
using L2tpd.DataPlanes;

namespace L2tpd.Daemon.Hosting;

/// <summary>Adds the data plane's counters to the sessions or tunnels of one page.</summary>
internal static class Traffic
{
    /// <summary>A kernel that is busy must not hold up the list: it then comes without counters.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly Dictionary<(uint Tunnel, uint Session), TrafficCounters> None = [];

    /// <summary>To sessions.</summary>
    public static async Task<IReadOnlyList<SessionView>> AddAsync(IDataPlane dataPlane, IReadOnlyList<SessionView> sessions, CancellationToken cancellation)
    {
        var counters = await ReadAsync(dataPlane, [.. sessions.Select(session => (session.TunnelId, session.LocalId))], cancellation).ConfigureAwait(false);
        return [.. sessions.Select(session => counters.TryGetValue((session.TunnelId, session.LocalId), out var found) ? session with { Traffic = From(found) } : session)];
    }

    /// <summary>To tunnels.</summary>
    public static async Task<IReadOnlyList<TunnelView>> AddAsync(IDataPlane dataPlane, IReadOnlyList<TunnelView> tunnels, CancellationToken cancellation)
    {
        var counters = await ReadAsync(dataPlane, [.. tunnels.Select(tunnel => (tunnel.LocalId, 0u))], cancellation).ConfigureAwait(false);
        return [.. tunnels.Select(tunnel => counters.TryGetValue((tunnel.LocalId, 0), out var found) ? tunnel with { Traffic = From(dataPlane.Traffic!.CountsZlbsAsInvalid ? WithoutZlbs(found, tunnel.Counters.ZlbsReceived) : found) } : tunnel)];
    }

    /// <summary>A tunnel's counters without the control messages that the kernel takes for invalid data.</summary>
    /// <param name="statistics">As the kernel counts.</param>
    /// <param name="zlbs">ZLBs received; one may not be counted yet, or not be read yet.</param>
    internal static TrafficCounters WithoutZlbs(in TrafficCounters statistics, long zlbs) =>
        statistics with { ReceiveInvalid = statistics.ReceiveInvalid - Math.Min(statistics.ReceiveInvalid, (ulong)zlbs) };

    private static async Task<IReadOnlyDictionary<(uint Tunnel, uint Session), TrafficCounters>> ReadAsync(IDataPlane dataPlane, (uint Tunnel, uint Session)[] ids, CancellationToken cancellation)
    {
        if (dataPlane.Traffic is not { } traffic || ids.Length == 0)
            return None;
        try
        {
            return await traffic.ReadAsync(ids).WaitAsync(Patience, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return None;
        }
    }

    private static TrafficView From(in TrafficCounters statistics) => new()
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
