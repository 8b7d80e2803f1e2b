using System.Collections.Immutable;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Reliability;

/// <summary>Messages that arrived ahead of their turn, by Ns. Bounded by the caller's window and in octets; takes no memory while empty.</summary>
internal struct InboundQueue
{
    private Dictionary<ushort, byte[]>? _early;

    /// <summary>Octets of the messages kept.</summary>
    public int Octets { get; private set; }

    public readonly bool Contains(ushort ns) => _early?.ContainsKey(ns) == true;

    /// <summary>Keeps a copy; false when that would make more than <paramref name="mostOctets"/>, or a message with this Ns is kept already.</summary>
    public bool TryAdd(ushort ns, ReadOnlySpan<byte> message, int mostOctets)
    {
        if (Octets + message.Length > mostOctets || Contains(ns))
            return false;
        (_early ??= []).Add(ns, message.ToArray());
        Octets += message.Length;
        return true;
    }

    public bool TryTake(ushort ns, out byte[] message)
    {
        message = [];
        if (_early is null || !_early.Remove(ns, out var kept))
            return false;
        message = kept;
        Octets -= kept.Length;
        if (_early.Count == 0)
            _early = null;
        return true;
    }

    /// <summary>The messages kept, by Ns.</summary>
    public readonly ImmutableArray<EarlySnapshot> ToSnapshot() =>
        _early is null ? [] : [.. _early.OrderBy(static message => message.Key).Select(static message => new EarlySnapshot(message.Key, message.Value))];

    /// <summary>Forgets all.</summary>
    public void Clear() => (_early, Octets) = (null, 0);
}
