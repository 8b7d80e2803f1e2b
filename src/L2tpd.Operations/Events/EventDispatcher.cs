using L2tpd.Engine.Events;
using L2tpd.Runtime.Loop;

namespace L2tpd.Operations.Events;

/// <summary>
/// Receives every event of the daemon: log, history, hooks, counters, event stream. Called on the loop's thread; must not keep what the
/// event names.
/// </summary>
public interface IOperationsObserver
{
    /// <summary>Takes one event.</summary>
    void Observe(OperationsEvent operationsEvent);
}

/// <summary>Hands each event, of the engine or of the daemon, to all observers in turn. Loop thread only.</summary>
public sealed class EventDispatcher(params IReadOnlyList<IOperationsObserver> observers) : IEventObserver
{
    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent) => Publish(engineEvent);

    /// <summary>Hands out one event.</summary>
    public void Publish(OperationsEvent operationsEvent)
    {
        foreach (var observer in observers)
            observer.Observe(operationsEvent);
    }
}
