using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Reliability;

/// <summary>
/// When received messages are acknowledged. An acknowledgement may wait for a message to ride on (RFC 2661 section 5.8),
/// but must not slow the peer: it is due at once for every second message while the peer is in slow start at the beginning (its
/// window grows with acknowledgements, so they must not be gathered into few), when half our window is unacknowledged, and
/// whenever something was lost or came twice.
/// </summary>
internal struct AckSchedule
{
    /// <summary>As TCP does it (RFC 5681 section 4.2): a window in slow start still grows by half in each round trip.</summary>
    private const int MostInSlowStart = 2;

    /// <summary>In-order messages received since an acknowledgement went out.</summary>
    private int _unacknowledged;

    /// <summary>In-order messages received ever; counted only up to the window.</summary>
    private int _beginning;

    public AckSchedule() => Deadline = Instant.Never;

    public AckSchedule(AckSnapshot snapshot, SnapshotTime time)
    {
        _unacknowledged = snapshot.Unacknowledged;
        _beginning = snapshot.Beginning;
        Deadline = time.AbsoluteDeadline(snapshot.Deadline);
        IsDueAtOnce = snapshot.IsDueAtOnce;
    }

    /// <summary>When it goes out by itself; <see cref="Instant.Never"/> if none is owed. In the past when it is due at once.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>It may not wait for its deadline.</summary>
    public bool IsDueAtOnce { get; private set; }

    public readonly AckSnapshot ToSnapshot(SnapshotTime time) =>
        new(_unacknowledged, _beginning, time.RelativeDeadline(Deadline), IsDueAtOnce);

    /// <summary>A message was taken in order.</summary>
    public void OnInOrder(Instant now, in ReliableSettings settings)
    {
        var window = Math.Max(settings.ReceiveWindow, 1);
        _unacknowledged++;
        var peerIsInSlowStart = _beginning < window;
        if (peerIsInSlowStart)
            _beginning++;
        var most = peerIsInSlowStart ? Math.Min(MostInSlowStart, window / 2) : window / 2;
        if (settings.AckDelay < TimeSpan.Zero || _unacknowledged >= Math.Max(most, 1))
            DueAtOnce(now);
        else
            // A peer with one message on the wire waits for us: no delay, except for messages that were read in the same turn.
            Deadline = Instant.Min(Deadline, peerIsInSlowStart ? now : now + settings.AckDelay);
    }

    /// <summary>Something was lost or came twice: the peer must learn what we have.</summary>
    public void DueAtOnce(Instant now)
    {
        IsDueAtOnce = true;
        Deadline = Instant.Min(Deadline, now);
    }

    /// <summary>An acknowledgement went out, by itself or on a message.</summary>
    public void OnAcknowledged()
    {
        _unacknowledged = 0;
        IsDueAtOnce = false;
        Deadline = Instant.Never;
    }
}
