using L2tpd.Daemon.Counters;
using L2tpd.Daemon.Events;
using L2tpd.Engine;
using L2tpd.Engine.Events;
using L2tpd.Linux.Netlink;

namespace L2tpd.Daemon.Control;

/// <summary>
/// What the engine and the data plane count, for the registry; observes ends of tunnels, whose counters end with them. Loop thread only.
/// </summary>
public sealed class EngineCounterSource(L2tpEngine engine) : IOperationsObserver
{
    private readonly PeerCounters _peers = new(engine);
    private readonly TrafficCounters _traffic = new(engine);

    /// <summary>Adds all families to the registry.</summary>
    public void Register(CounterRegistry registry)
    {
        EngineCounterTable.Register(registry, engine.Counters);
        _peers.Register(registry);
        _traffic.Register(registry);
    }

    /// <inheritdoc cref="TrafficCounters.Update"/>
    public void UpdateTraffic(IReadOnlyDictionary<(uint Tunnel, uint Session), L2tpStatistics> statistics, bool countsZlbsAsInvalid) =>
        _traffic.Update(statistics, countsZlbsAsInvalid);

    /// <inheritdoc/>
    public void Observe(OperationsEvent operationsEvent)
    {
        if (operationsEvent is not TunnelEnded ended)
            return;
        _peers.Add(ended);
        _traffic.Add(ended);
    }
}
