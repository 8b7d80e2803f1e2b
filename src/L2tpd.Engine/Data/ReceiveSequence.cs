namespace L2tpd.Engine.Data;

/// <summary>What becomes of a packet with a sequence number.</summary>
public enum SequenceVerdict
{
    /// <summary>It is delivered now; then packets held behind it may be due: <see cref="ReceiveSequence.TryTake"/>.</summary>
    Deliver,

    /// <summary>
    /// It is too far ahead to wait for what is missing: it is delivered after the packets held, which <see cref="ReceiveSequence.TryTake"/>
    /// has.
    /// </summary>
    DeliverLast,

    /// <summary>It is held.</summary>
    Hold,

    /// <summary>It is too old, or a duplicate, or there is no room to hold it: dropped.</summary>
    Discard,
}

/// <summary>
/// The receiving half of data sequencing (RFC 2661 section 5.4, RFC 3931 section 4.6.1). What is not older than expected is accepted; with
/// a reorder timeout, what is ahead waits for what is missing. No clock: times are arguments. Mutable: keep it in a field
/// that is not readonly.
/// </summary>
/// <param name="space">The version's circle of numbers.</param>
/// <param name="reorder">How long a packet waits for those before it; zero if it does not.</param>
/// <param name="pool">Buffers for packets held.</param>
public struct ReceiveSequence(SequenceSpace space, TimeSpan reorder, PacketPool pool)
{
    /// <summary>
    /// After this many packets in a row that are all too old, the peer has begun to count again (the kernel's nr_oos_count_max).
    /// </summary>
    private const int MostOldInARow = 4;

    private ReorderQueue? _queue;
    private uint _expected;
    private uint _highestHeld;
    private uint _releaseBefore;
    private uint _lastOld;
    private int _oldInARow;
    private bool _isReleasing;
    private bool _hasStarted;

    /// <summary>Packets accepted after one with a higher number.</summary>
    public ulong OutOfOrder { get; private set; }

    /// <summary>Packets held now.</summary>
    public readonly int Held => _queue?.Count ?? 0;

    /// <summary>When to call <see cref="Expire"/>; <see cref="Instant.Never"/> if nothing is held.</summary>
    public readonly Instant Deadline
    {
        get
        {
            var deadline = Instant.Never;
            for (var ahead = 0u; Held > 0 && ahead < ReorderQueue.Capacity; ahead++)
            {
                var number = space.Add(_expected, ahead);
                if (_queue!.Holds(number))
                    deadline = Instant.Min(deadline, _queue.ArrivalOf(number) + reorder);
            }

            return deadline;
        }
    }

    /// <summary>Judges a packet. The first one's number is where the count starts.</summary>
    public SequenceVerdict Accept(uint number, ReadOnlySpan<byte> packet, Instant now)
    {
        if (!_hasStarted)
            (_hasStarted, _expected) = (true, number);
        var ahead = space.Distance(_expected, number);
        if (ahead < 0)
            return AcceptOld(number);
        _oldInARow = 0;
        if (Held > 0 && space.Distance(number, _highestHeld) > 0)
            OutOfOrder++;
        if (ahead > 0 && reorder > TimeSpan.Zero && ahead < ReorderQueue.Capacity)
            return Hold(number, packet, now);
        if (ahead > 0 && Held > 0)
        {
            Release(space.Next(number));
            return SequenceVerdict.DeliverLast;
        }

        _expected = space.Next(number);
        return SequenceVerdict.Deliver;
    }

    /// <summary>
    /// The next packet that is due after <see cref="Accept"/> or <see cref="Expire"/>, in order; false if there is none. Call it until it
    /// returns false. The packet is valid until the next call of anything here.
    /// </summary>
    public bool TryTake(out ReadOnlySpan<byte> packet)
    {
        packet = default;
        while (Held > 0)
        {
            var isHeld = _queue!.TryTake(_expected, out packet);
            if (!isHeld && !IsGivenUp(_expected))
                break;
            _expected = space.Next(_expected);
            if (isHeld)
                return true;
        }

        if (IsGivenUp(_expected))
            _expected = _releaseBefore;
        _isReleasing = false;
        return false;
    }

    /// <summary>Gives up on what is missing before packets that have waited their time; <see cref="TryTake"/> then has these.</summary>
    public void Expire(Instant now)
    {
        for (var ahead = 0u; Held > 0 && ahead < ReorderQueue.Capacity; ahead++)
        {
            var number = space.Add(_expected, ahead);
            if (_queue!.Holds(number) && _queue.ArrivalOf(number) + reorder <= now)
                Release(space.Next(number));
        }
    }

    /// <summary>Drops what is held: its buffers go back.</summary>
    public readonly void Clear()
    {
        for (var number = 0u; Held > 0 && number < ReorderQueue.Capacity; number++)
            _queue!.TryTake(number, out _);
    }

    private SequenceVerdict AcceptOld(uint number)
    {
        _oldInARow = _oldInARow > 0 && number == space.Next(_lastOld) ? _oldInARow + 1 : 1;
        _lastOld = number;
        if (_oldInARow <= MostOldInARow)
            return SequenceVerdict.Discard;
        _oldInARow = 0;
        Clear();
        _expected = space.Next(number);
        return SequenceVerdict.Deliver;
    }

    private SequenceVerdict Hold(uint number, ReadOnlySpan<byte> packet, Instant now)
    {
        _queue ??= new ReorderQueue(pool);
        if (Held == 0 || space.Distance(_highestHeld, number) > 0)
            _highestHeld = number;
        return _queue.TryHold(number, packet, now) ? SequenceVerdict.Hold : SequenceVerdict.Discard;
    }

    private void Release(uint before) => (_isReleasing, _releaseBefore) = (true, before);

    private readonly bool IsGivenUp(uint number) => _isReleasing && space.Distance(number, _releaseBefore) > 0;
}
