using L2tpd.Engine.Addressing;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Versions;

/// <summary>Session ids of L2TPv3: 32 bits, one space for the whole daemon, because data carries no tunnel id (RFC 3931 section 4.1).</summary>
internal sealed class WideSessionIds(IdSequence sequence)
{
    private readonly HashSet<uint> _inUse = [];
    private IdSequence _sequence = sequence;

    /// <summary>Takes an id that no session has; 0 when none is free.</summary>
    public uint Draw() => _sequence.TryNext(_inUse, static (inUse, id) => inUse.Contains(id), out var id) && _inUse.Add(id) ? id : 0;

    /// <summary>Takes this id; false when a session has it.</summary>
    public bool TryTake(uint id) => _inUse.Add(id);

    /// <summary>An id for a refusal: no session has it, and none gets it.</summary>
    public uint Peek() => _sequence.TryNext(_inUse, static (inUse, id) => inUse.Contains(id), out var id) ? id : 1;

    public void Release(uint id) => _inUse.Remove(id);

    public IdSequenceSnapshot ToSnapshot() => _sequence.ToSnapshot();
}
