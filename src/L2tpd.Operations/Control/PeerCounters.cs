using L2tpd.Engine;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>
/// Control messages by peer profile since the start: the counters of the tunnels alive, and the sums of those that ended, which this keeps.
/// There is one entry for each profile that has had a tunnel. Loop thread only.
/// </summary>
internal sealed class PeerCounters(L2tpEngine engine)
{
    private readonly Dictionary<string, long[]> _ended = new(StringComparer.Ordinal);
    private Dictionary<string, long[]> _sums = [];

    /// <summary>Keeps the counters of a tunnel that ends; it is no longer among the engine's tunnels.</summary>
    public void Add(TunnelEnded ended) => TunnelCounterTable.Add(ended.Tunnel.Counters, SumsOf(_ended, ended.Tunnel));

    /// <summary>Adds the families to the registry.</summary>
    public void Register(CounterRegistry registry)
    {
        registry.BeforeReading(() => _sums = Sums());
        var index = 0;
        var counters = TunnelCounterTable.All.Select(counter => (Counter: counter, Index: index++));
        foreach (var family in counters.GroupBy(static row => row.Counter.Family))
        {
            (TunnelCounter Counter, int Index)[] rows = [.. family];
            registry.Add(family.Key, samples =>
            {
                foreach (var (peer, sums) in _sums)
                {
                    foreach (var row in rows)
                        samples.Add(sums[row.Index], row.Counter.Reason is { } reason ? [peer, reason] : [peer]);
                }
            });
        }

        registry.Add(Gauge("l2tpd_tunnels", "tunnels", "Tunnels alive, by peer profile and state.", "peer", "state"), ReadTunnels);
        registry.Add(
            Gauge("l2tpd_sessions", "sessions", "Sessions alive, by peer profile, pseudowire and state.", "peer", "pseudowire", "state"),
            samples => new SessionCensus(engine.Tunnels).AddTo(samples));
        registry.Add(
            Gauge(
                "l2tpd_control_window", "messages",
                "Control messages that may be unacknowledged (congestion window); sum of the established tunnels.", "peer"),
            samples => AddSums(samples, static tunnel => tunnel.State == TunnelState.Established ? tunnel.Window : 0));
        registry.Add(
            Gauge("l2tpd_control_outstanding", "messages", "Control messages that peers have not acknowledged, sent or waiting.", "peer"),
            samples => AddSums(samples, static tunnel => tunnel.Outstanding));
        registry.Add(
            Gauge("l2tpd_half_open_tunnels", "tunnels", "Tunnels that peers requested and have not completed."),
            () => engine.HalfOpenTunnels);
    }

    private static CounterFamily Gauge(string name, string unit, string help, params string[] labels) =>
        new(name, unit, help) { Kind = CounterKind.Gauge, Labels = [.. labels] };

    private Dictionary<string, long[]> Sums()
    {
        var sums = _ended.ToDictionary(static pair => pair.Key, static pair => (long[])pair.Value.Clone(), StringComparer.Ordinal);
        foreach (var tunnel in engine.Tunnels)
            TunnelCounterTable.Add(tunnel.Counters, SumsOf(sums, tunnel));
        return sums;
    }

    private static long[] SumsOf(Dictionary<string, long[]> byPeer, Tunnel tunnel)
    {
        if (!byPeer.TryGetValue(tunnel.Profile.Name, out var sums))
            byPeer[tunnel.Profile.Name] = sums = new long[TunnelCounterTable.All.Length];
        return sums;
    }

    private void ReadTunnels(CounterSamples samples)
    {
        foreach (var group in engine.Tunnels.CountBy(static tunnel => (tunnel.Profile.Name, tunnel.State)))
            samples.Add((long)group.Value, group.Key.Name, ApiText.Of(group.Key.State));
    }

    private void AddSums(CounterSamples samples, Func<Tunnel, long> value)
    {
        var sums = engine.Tunnels.AggregateBy(static tunnel => tunnel.Profile.Name, 0L, (sum, tunnel) => sum + value(tunnel));
        foreach (var (peer, sum) in sums)
            samples.Add(sum, peer);
    }
}
