using L2tpd.Engine.Addressing;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;

namespace L2tpd.Engine.Versions;

/// <summary>
/// Session ids of L2TPv3: 32 bits, one space for the whole daemon, because data carries no tunnel id (RFC 3931 section 4.1).
/// </summary>
internal sealed class WideSessionIds(IdSequence sequence)
{
    private IdSequence _sequence = sequence;
    private IdSet _inUse;

    /// <summary>Takes an id that no session has; 0 when none is free.</summary>
    public SessionId Draw() => TryNext(out var id) && _inUse.Add(id) ? id : SessionId.None;

    /// <summary>Takes this id; false when a session has it.</summary>
    public bool TryTake(SessionId id) => _inUse.Add(id);

    /// <summary>An id for a refusal: no session has it, and none gets it.</summary>
    public SessionId Peek() => TryNext(out var id) ? id : new SessionId(1);

    public void Release(SessionId id) => _inUse.Remove(id);

    public IdSequenceSnapshot ToSnapshot() => _sequence.ToSnapshot();

    private bool TryNext(out SessionId id)
    {
        var isFree = _sequence.TryNext(_inUse, static (inUse, number) => inUse.Contains(new SessionId(number)), out var drawn);
        id = new SessionId(drawn);
        return isFree;
    }
}
