using System.Collections.Immutable;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Reliability;

/// <summary>A message not yet acknowledged.</summary>
internal struct OutboundMessage
{
    public byte[] Bytes;

    /// <summary>When it was first sent; meaningless while <see cref="Transmissions"/> is 0.</summary>
    public Instant FirstSent;

    public int Transmissions;
}

/// <summary>
/// Messages not yet acknowledged, oldest first: a ring that takes no memory before its first use and gives back what a burst
/// made it grow to, because tens of thousands of channels are idle most of the time.
/// </summary>
internal struct OutboundQueue
{
    private const int InitialCapacity = 4;
    private const int KeptCapacity = 16;

    private OutboundMessage[]? _ring;
    private int _head;

    public int Count { get; private set; }

    /// <summary>The message at <paramref name="index"/>, 0 the oldest; the caller keeps below <see cref="Count"/>.</summary>
    public readonly ref OutboundMessage this[int index] => ref _ring![(_head + index) & (_ring.Length - 1)];

    public void Enqueue(byte[] message)
    {
        if (_ring is null)
            _ring = new OutboundMessage[InitialCapacity];
        else if (Count == _ring.Length)
            Grow();
        Count++;
        this[Count - 1] = new OutboundMessage { Bytes = message };
    }

    /// <summary>The messages, oldest first. Their octets are copies: the channel patches its own when it sends them again.</summary>
    public readonly ImmutableArray<OutboundSnapshot> ToSnapshot(SnapshotTime time)
    {
        var messages = ImmutableArray.CreateBuilder<OutboundSnapshot>(Count);
        for (var i = 0; i < Count; i++)
            messages.Add(new OutboundSnapshot([.. this[i].Bytes], time.Relative(this[i].FirstSent), this[i].Transmissions));
        return messages.MoveToImmutable();
    }

    /// <summary>Puts a message of a snapshot behind the others.</summary>
    public void Restore(OutboundSnapshot message, SnapshotTime time)
    {
        Enqueue([.. message.Bytes]);
        ref var restored = ref this[Count - 1];
        restored.FirstSent = time.Absolute(message.FirstSent);
        restored.Transmissions = message.Transmissions;
    }

    /// <summary>Forgets the <paramref name="count"/> oldest.</summary>
    public void Release(int count)
    {
        for (var i = 0; i < count; i++)
            this[i] = default;
        Count -= count;
        _head = Count == 0 ? 0 : (_head + count) & (_ring!.Length - 1);
        if (Count == 0 && _ring?.Length > KeptCapacity)
            _ring = null;
    }

    private void Grow()
    {
        var larger = new OutboundMessage[_ring!.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = this[i];
        _ring = larger;
        _head = 0;
    }
}
