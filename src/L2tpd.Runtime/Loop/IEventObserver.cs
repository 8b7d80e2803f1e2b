using L2tpd.Engine.Events;

namespace L2tpd.Runtime.Loop;

/// <summary>
/// Observes the engine's events: log, history, hooks. Called on the loop's thread. An observer must not keep the objects that an event
/// refers to.
/// </summary>
public interface IEventObserver
{
    void Observe(EngineEvent engineEvent);
}
