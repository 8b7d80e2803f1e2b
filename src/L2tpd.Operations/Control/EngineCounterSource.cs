using L2tpd.Control;
using L2tpd.Engine;
using L2tpd.Engine.Events;
using L2tpd.Operations.Events;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>
/// What the engine and the data plane count, for the registry; observes ends of tunnels, whose counters end with them. Loop thread only.
/// </summary>
public sealed class EngineCounterSource(L2tpEngine engine) : IOperationsObserver
{
    private readonly PeerCounters _peers = new(engine);
    private readonly EndCounters _ends = new();
    private readonly PeerTraffic _traffic = new(engine);

    /// <summary>Adds all families to the registry.</summary>
    public void Register(CounterRegistry registry)
    {
        EngineCounterTable.Register(registry, engine.Counters);
        EngineMetrics.Register(registry, engine.Counters);
        _ends.Register(registry, () => engine.Tunnels.Select(static tunnel => tunnel.Profile.Name).Distinct());
        _peers.Register(registry);
        _traffic.Register(registry);
    }

    /// <summary>Takes what the data plane has counted for the tunnels alive.</summary>
    /// <param name="traffic">By our tunnel id; a tunnel that is absent keeps its last reading.</param>
    public void UpdateTraffic(IReadOnlyDictionary<uint, TrafficView> traffic) => _traffic.Update(traffic);

    /// <inheritdoc/>
    public void Observe(OperationsEvent operationsEvent)
    {
        _ends.Add(operationsEvent);
        if (operationsEvent is not TunnelEnded ended)
            return;
        _peers.Add(ended);
        _traffic.Add(ended);
    }
}
