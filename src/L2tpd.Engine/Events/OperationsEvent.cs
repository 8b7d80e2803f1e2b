namespace L2tpd.Engine.Events;

/// <summary>
/// Anything the operator may want to know: the engine's events, and those of the daemon around it. Log, history, hooks and the event stream
/// receive the same ones.
/// </summary>
public abstract record OperationsEvent;
