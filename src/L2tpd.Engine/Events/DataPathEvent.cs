using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Engine.Events;

/// <summary>What became of a tunnel or session in the data plane.</summary>
/// <param name="Tunnel">The tunnel, that of a session included.</param>
/// <param name="Session">The session; <c>null</c>: it is about the tunnel itself.</param>
public abstract record DataPathEvent(Tunnel Tunnel, Session? Session) : EngineEvent;

/// <summary>The data plane has it.</summary>
/// <param name="Tunnel">The tunnel.</param>
/// <param name="Session">The session.</param>
/// <param name="Interface">The session's interface, if the data plane makes one; <c>null</c>: PPP does, or there is none.</param>
public sealed record DataPathCreated(Tunnel Tunnel, Session? Session = null, string? Interface = null) : DataPathEvent(Tunnel, Session);

/// <summary>The data plane could not make it, or it was deleted from outside: the tunnel or session ends.</summary>
/// <param name="Tunnel">The tunnel.</param>
/// <param name="Session">The session.</param>
/// <param name="Error">What happened, in words.</param>
public sealed record DataPathFailed(Tunnel Tunnel, Session? Session, string Error) : DataPathEvent(Tunnel, Session);

/// <summary>The data plane was told to remove it.</summary>
/// <param name="Tunnel">The tunnel.</param>
/// <param name="Session">The session.</param>
public sealed record DataPathRemoved(Tunnel Tunnel, Session? Session = null) : DataPathEvent(Tunnel, Session);
