namespace L2tpd.Engine.Reliability;

/// <summary>Messages that arrived ahead of their turn, by Ns. Bounded by the caller's window; takes no memory while empty.</summary>
internal struct InboundQueue
{
    private Dictionary<ushort, byte[]>? _early;

    /// <summary>Keeps a copy; false when a message with this Ns is kept already.</summary>
    public bool TryAdd(ushort ns, ReadOnlySpan<byte> message)
    {
        _early ??= [];
        return !_early.ContainsKey(ns) && _early.TryAdd(ns, message.ToArray());
    }

    public bool TryTake(ushort ns, out byte[] message)
    {
        message = [];
        if (_early is null || !_early.Remove(ns, out var kept))
            return false;
        message = kept;
        if (_early.Count == 0)
            _early = null;
        return true;
    }
}
