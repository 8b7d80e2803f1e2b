using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Reliability;

/// <summary>
/// The timer of the oldest unacknowledged message: first timeout, then doubling to the cap (RFC 2661 section 5.8).
/// With 1 s and a cap of 8 s, retransmissions come at 1, 3, 7, 15 and 23 s.
/// </summary>
internal struct RetransmitTimer
{
    private long _timeout;

    public RetransmitTimer() => Deadline = long.MaxValue;

    public RetransmitTimer(RetransmitTimerSnapshot snapshot, SnapshotTime time)
    {
        _timeout = snapshot.Timeout;
        Deadline = time.AbsoluteDeadline(snapshot.Deadline);
        Expirations = snapshot.Expirations;
    }

    /// <summary>When it expires, ms; <see cref="long.MaxValue"/>: not running.</summary>
    public long Deadline { get; private set; }

    /// <summary>Timeouts of the oldest message so far.</summary>
    public int Expirations { get; private set; }

    public readonly RetransmitTimerSnapshot ToSnapshot(SnapshotTime time) => new(_timeout, time.RelativeDeadline(Deadline), Expirations);

    /// <summary>A new oldest message is on the wire.</summary>
    public void Start(long now, in ReliableSettings settings)
    {
        _timeout = Math.Max(settings.RetransmitInitial, 1);
        Expirations = 0;
        Deadline = After(now, _timeout);
    }

    /// <summary>The oldest message goes out again after it expired.</summary>
    public void BackOff(long now, in ReliableSettings settings)
    {
        // Never below the first timeout, even if the cap is; never overflowing, even if there is no cap.
        var cap = Math.Max(settings.RetransmitCap, _timeout);
        _timeout = _timeout > cap - _timeout ? cap : _timeout * 2;
        Expirations++;
        Deadline = After(now, _timeout);
    }

    public void Stop() => Deadline = long.MaxValue;

    private static long After(long now, long delay) => delay > long.MaxValue - now ? long.MaxValue : now + delay;
}
