namespace L2tpd.Engine.Reliability;

/// <summary>
/// When received messages are acknowledged. An acknowledgement may wait for a message to ride on (RFC 2661 section 5.8),
/// but must not slow the peer: it is due at once while the peer is in slow start at the beginning, when half our window is
/// unacknowledged, and whenever something was lost or came twice.
/// </summary>
internal struct AckSchedule
{
    /// <summary>In-order messages received since an acknowledgement went out.</summary>
    private int _unacknowledged;

    /// <summary>In-order messages received ever; counted only up to the window.</summary>
    private int _beginning;

    public AckSchedule() => Deadline = long.MaxValue;

    /// <summary>When it goes out by itself, ms; <see cref="long.MaxValue"/>: none is owed. In the past when due at once.</summary>
    public long Deadline { get; private set; }

    /// <summary>It may not wait for its deadline.</summary>
    public bool IsDueAtOnce { get; private set; }

    /// <summary>A message was taken in order.</summary>
    public void OnInOrder(long now, in ReliableSettings settings)
    {
        var window = Math.Max(settings.ReceiveWindow, 1);
        _unacknowledged++;
        var peerIsInSlowStart = _beginning < window;
        if (peerIsInSlowStart)
            _beginning++;
        if (settings.AckDelay < 0 || peerIsInSlowStart || _unacknowledged >= Math.Max(window / 2, 1))
            DueAtOnce(now);
        else
            Deadline = Math.Min(Deadline, now + settings.AckDelay);
    }

    /// <summary>Something was lost or came twice: the peer must hear what we have.</summary>
    public void DueAtOnce(long now)
    {
        IsDueAtOnce = true;
        Deadline = Math.Min(Deadline, now);
    }

    /// <summary>An acknowledgement went out, by itself or on a message.</summary>
    public void OnAcknowledged()
    {
        _unacknowledged = 0;
        IsDueAtOnce = false;
        Deadline = long.MaxValue;
    }
}
