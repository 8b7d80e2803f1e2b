namespace L2tpd.Engine.Dialling;

/// <summary>
/// The sessions of a dialled tunnel by the time at which something of theirs is due. A session whose deadline has changed since leaves an
/// entry behind, which is ignored: a change costs no search, however many sessions there are.
/// </summary>
internal sealed class DueSessions
{
    private readonly PriorityQueue<DialledSession, Instant> _queue = new();

    /// <summary>The earliest deadline; <see cref="Instant.Never"/> if nothing is due.</summary>
    public Instant Next
    {
        get
        {
            while (_queue.TryPeek(out var session, out var at))
            {
                if (session.NextDeadline == at)
                    return at;
                _queue.Dequeue();
            }

            return Instant.Never;
        }
    }

    /// <summary>Something of the session is due at another time than before.</summary>
    public void Schedule(DialledSession session)
    {
        if (session.NextDeadline < Instant.Never)
            _queue.Enqueue(session, session.NextDeadline);
    }

    /// <summary>Takes the first, if it is due by now.</summary>
    public bool TryTake(Instant now, out DialledSession session)
    {
        session = null!;
        return Next <= now && _queue.TryDequeue(out session!, out _);
    }

    public void Clear() => _queue.Clear();
}
