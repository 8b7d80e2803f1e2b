using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Reliability;

/// <summary>
/// The timer of the oldest unacknowledged message: first timeout, then doubling to the cap (RFC 2661 section 5.8).
/// With 1 s and a cap of 8 s, retransmissions come at 1, 3, 7, 15 and 23 s.
/// </summary>
internal struct RetransmitTimer
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(1);

    private TimeSpan _timeout;

    public RetransmitTimer() => Deadline = Instant.Never;

    public RetransmitTimer(RetransmitTimerSnapshot snapshot, SnapshotTime time)
    {
        _timeout = TimeSpan.FromMilliseconds(snapshot.Timeout);
        Deadline = time.AbsoluteDeadline(snapshot.Deadline);
        Expirations = snapshot.Expirations;
    }

    /// <summary>When it expires; <see cref="Instant.Never"/> if it does not run.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>Timeouts of the oldest message so far.</summary>
    public int Expirations { get; private set; }

    public readonly RetransmitTimerSnapshot ToSnapshot(SnapshotTime time) =>
        new((long)_timeout.TotalMilliseconds, time.RelativeDeadline(Deadline), Expirations);

    /// <summary>A new oldest message is on the wire.</summary>
    public void Start(Instant now, in ReliableSettings settings)
    {
        _timeout = settings.RetransmitInitial > ShortestTimeout ? settings.RetransmitInitial : ShortestTimeout;
        Expirations = 0;
        Deadline = now + _timeout;
    }

    /// <summary>The oldest message goes out again after it expired.</summary>
    public void BackOff(Instant now, in ReliableSettings settings)
    {
        // Never below the first timeout, even if the cap is; never overflowing, even if there is no cap.
        var cap = settings.RetransmitCap > _timeout ? settings.RetransmitCap : _timeout;
        _timeout = _timeout > cap - _timeout ? cap : _timeout + _timeout;
        Expirations++;
        Deadline = now + _timeout;
    }

    public void Stop() => Deadline = Instant.Never;
}
