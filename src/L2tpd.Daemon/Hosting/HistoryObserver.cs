using L2tpd.Engine.Events;
using L2tpd.Linux;
using L2tpd.Operations.History;
using L2tpd.Runtime.Loop;

namespace L2tpd.Daemon.Hosting;

/// <summary>Hands events to the history.</summary>
public sealed class HistoryObserver(HistoryLog history) : IEventObserver
{
    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent) => history.Record(engineEvent, MonotonicClock.NowMilliseconds);
}
