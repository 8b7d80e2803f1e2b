using L2tpd.Protocol;

namespace L2tpd.Engine.Addressing;

/// <summary>
/// Names one tunnel for all time: the id may be used again, the generation never is. A late answer for an ended tunnel finds no tunnel.
/// </summary>
/// <param name="LocalId">Our tunnel id (v2) or control connection id (v3).</param>
/// <param name="Generation">Counts up with every tunnel of the engine; 0 names no tunnel.</param>
public readonly record struct TunnelKey(TunnelId LocalId, uint Generation)
{
    public bool IsNone => Generation == 0;
}

/// <summary>Names one session for all time.</summary>
/// <param name="Tunnel">Its tunnel.</param>
/// <param name="LocalId">Our session id.</param>
/// <param name="Generation">Counts up with every session of the engine.</param>
public readonly record struct SessionKey(TunnelKey Tunnel, SessionId LocalId, uint Generation);
