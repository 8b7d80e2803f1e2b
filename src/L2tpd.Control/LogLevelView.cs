namespace L2tpd.Control;

/// <summary>The level of the log.</summary>
/// <param name="Level">"trace", "debug", "information", "warning" or "error": the level in force.</param>
/// <param name="Configured">The level that is in force otherwise.</param>
/// <param name="Name">Only lines that name this peer, tunnel, session or user; <c>null</c>: all.</param>
/// <param name="Until">When it falls back; <c>null</c>: it is the configured level.</param>
public sealed record LogLevelView(string Level, string Configured, string? Name = null, DateTimeOffset? Until = null);
