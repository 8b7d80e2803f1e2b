using L2tpd.Control;
using L2tpd.DataPlanes;
using L2tpd.Engine.Addressing;
using L2tpd.Operations.Control;
using L2tpd.Operations.Sessions;
using L2tpd.Protocol;

namespace L2tpd.Daemon.Hosting;

/// <summary>Adds the data plane's counters to the sessions or tunnels of one page.</summary>
internal static class Traffic
{
    /// <summary>The list is returned without counters if the kernel takes longer.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    private const int SessionsPerPart = 1_000;

    private static readonly Dictionary<(TunnelId Tunnel, SessionId Session), TrafficCounters> None = [];

    /// <summary>Adds the counters of each session that the data plane has.</summary>
    public static async Task<IReadOnlyList<SessionView>> AddAsync(
        IDataPlane dataPlane, IReadOnlyList<SessionView> sessions, CancellationToken cancellation)
    {
        (TunnelId, SessionId)[] ids = [.. sessions.Select(IdsOf)];
        var counters = await ReadAsync(dataPlane, ids, cancellation).ConfigureAwait(false);
        return [.. sessions.Select(session => counters.TryGetValue(IdsOf(session), out var found)
            ? session with { Traffic = From(found) }
            : session)];
    }

    /// <summary>Adds the counters of each tunnel that the data plane has.</summary>
    public static async Task<IReadOnlyList<TunnelView>> AddAsync(
        IDataPlane dataPlane, IReadOnlyList<TunnelView> tunnels, CancellationToken cancellation)
    {
        (TunnelId, long)[] ids = [.. tunnels.Select(static tunnel => (new TunnelId(tunnel.LocalId), tunnel.Counters["zlbsReceived"]))];
        var traffic = await ReadAsync(dataPlane, ids, cancellation).ConfigureAwait(false);
        return [.. tunnels.Select(tunnel => traffic.TryGetValue(tunnel.LocalId, out var found) ? tunnel with { Traffic = found } : tunnel)];
    }

    /// <summary>The last counters of a session that is about to be destroyed; <c>null</c>: there are none. Loop thread only.</summary>
    public static async Task<TrafficView?> LastAsync(IDataPlane dataPlane, SessionKey session)
    {
        if (dataPlane.Traffic is not { } traffic)
            return null;
        try
        {
            var counters = await traffic.ReadLastAsync(session).WaitAsync(LongestWait).ConfigureAwait(false);
            return counters is { } last ? From(last) : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>
    /// Octets of sessions. They are read in parts, each of which the data plane reads in one turn or one call of its worker: calls do not
    /// wait for 100,000 sessions.
    /// </summary>
    /// <param name="dataPlane">The data plane.</param>
    /// <param name="sessions">Their ids; each has octets in the answer, 0 where the data plane has none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ControlUnavailableException">The data plane did not answer in time.</exception>
    public static async Task<IReadOnlyDictionary<SessionIds, SessionOctets>> ReadOctetsAsync(
        IDataPlane dataPlane, (TunnelId Tunnel, SessionId Session)[] sessions, CancellationToken cancellation)
    {
        var octets = new Dictionary<SessionIds, SessionOctets>(sessions.Length);
        foreach (var part in sessions.Chunk(SessionsPerPart))
        {
            var counters = await ReadAsync(dataPlane, part, cancellation).ConfigureAwait(false);
            if (ReferenceEquals(counters, None) && dataPlane.Traffic is not null)
                throw new ControlUnavailableException("the data plane did not answer in time");
            foreach (var ids in part)
            {
                var found = counters.GetValueOrDefault(ids);
                octets[new SessionIds(ids.Tunnel, ids.Session)] = new SessionOctets(found.TransmitBytes, found.ReceiveBytes);
            }
        }

        return octets;
    }

    private static (TunnelId, SessionId) IdsOf(SessionView session) => (new TunnelId(session.TunnelId), new SessionId(session.LocalId));

    /// <summary>Counters of tunnels, by our tunnel id.</summary>
    /// <param name="dataPlane">The data plane.</param>
    /// <param name="tunnels">Our tunnel ids, and ZLBs received.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<IReadOnlyDictionary<uint, TrafficView>> ReadAsync(
        IDataPlane dataPlane, IReadOnlyCollection<(TunnelId Id, long Zlbs)> tunnels, CancellationToken cancellation)
    {
        (TunnelId, SessionId)[] ids = [.. tunnels.Select(static tunnel => (tunnel.Id, SessionId.None))];
        var counters = await ReadAsync(dataPlane, ids, cancellation).ConfigureAwait(false);
        var views = new Dictionary<uint, TrafficView>(counters.Count);
        foreach (var (id, zlbs) in tunnels)
        {
            if (counters.TryGetValue((id, SessionId.None), out var found))
                views[id.Value] = From(dataPlane.Traffic is { CountsZlbsAsInvalid: true } ? WithoutZlbs(found, zlbs) : found);
        }

        return views;
    }

    /// <summary>A tunnel's counters without the ZLBs that the kernel counts as invalid data.</summary>
    /// <param name="statistics">The kernel's counters.</param>
    /// <param name="zlbs">ZLBs received; the kernel may not have counted the last of them at the time of reading.</param>
    internal static TrafficCounters WithoutZlbs(in TrafficCounters statistics, long zlbs) =>
        statistics with { ReceiveInvalid = statistics.ReceiveInvalid - Math.Min(statistics.ReceiveInvalid, (ulong)zlbs) };

    private static async Task<IReadOnlyDictionary<(TunnelId Tunnel, SessionId Session), TrafficCounters>> ReadAsync(
        IDataPlane dataPlane, (TunnelId Tunnel, SessionId Session)[] ids, CancellationToken cancellation)
    {
        if (dataPlane.Traffic is not { } traffic || ids.Length == 0)
            return None;
        try
        {
            return await traffic.ReadAsync(ids).WaitAsync(LongestWait, cancellation).ConfigureAwait(false);
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
