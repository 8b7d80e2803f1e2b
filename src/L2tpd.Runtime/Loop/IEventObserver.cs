using L2tpd.Engine.Events;

namespace L2tpd.Runtime.Loop;

/// <summary>Learns what happened: log, history, hooks. Called on the loop's thread; must not keep what the event names.</summary>
public interface IEventObserver
{
    void Observe(EngineEvent engineEvent);
}
